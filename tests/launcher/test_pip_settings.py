import os
from pathlib import Path

import pytest
from interruption import Interruption
from pip_process import Pip
from pip_settings import environment_to_ask, environment_to_install, settings_in


@pytest.mark.parametrize(
    "name",
    [
        "PIP_CACHE_DIR",
        "PIP_CERT",
        "PIP_CLIENT_CERT",
        "PIP_DEFAULT_TIMEOUT",
        "PIP_EXTRA_INDEX_URL",
        "PIP_FIND_LINKS",
        "PIP_INDEX_URL",
        "PIP_KEYRING_PROVIDER",
        "PIP_NO_CACHE_DIR",
        "PIP_NO_INDEX",
        "PIP_PROXY",
        "PIP_RETRIES",
        "PIP_TIMEOUT",
        "PIP_TRUSTED_HOST",
        "HTTPS_PROXY",
        "NO_PROXY",
        "SSL_CERT_FILE",
        "HOME",
    ],
)
def test_keeps_settings_of_package_sources(name: str) -> None:
    assert environment_to_ask({name: "value"}) == {name: "value"}


@pytest.mark.parametrize(
    "name",
    [
        "PIP_ABI",
        "PIP_CONSTRAINT",
        "PIP_DRY_RUN",
        "PIP_LOG",
        "PIP_NO_BINARY",
        "PIP_NO_DEPS",
        "PIP_PLATFORM",
        "PIP_PRE",
        "PIP_PREFIX",
        "PIP_PYTHON",
        "PIP_REPORT",
        "PIP_REQUIREMENT",
        "PIP_REQUIRE_VIRTUALENV",
        "PIP_ROOT",
        "PIP_TARGET",
        "PIP_UPGRADE",
        "PIP_USER",
        "_PIP_RUNNING_IN_SUBPROCESS",
        "PYTHONHOME",
        "PYTHONPATH",
        "INPUT_TOKEN",
    ],
)
def test_drops_other_settings(name: str) -> None:
    assert environment_to_ask({name: "value"}) == {}
    assert environment_to_install({name: "value"}, {}) == {"PIP_CONFIG_FILE": os.devnull}


@pytest.mark.parametrize(
    ("listing", "settings"),
    [
        pytest.param("", {}, id="nothing set"),
        pytest.param("global.index-url='https://a'", {"index-url": "https://a"}, id="for all commands"),
        pytest.param("install.index-url='https://a'", {"index-url": "https://a"}, id="for install"),
        pytest.param("download.index-url='https://a'", {}, id="for another command"),
        pytest.param(
            ":env:.index-url='https://c'\nglobal.index-url='https://a'\ninstall.index-url='https://b'",
            {"index-url": "https://c"},
            id="environment takes precedence",
        ),
        pytest.param(
            "global.index-url='https://a'\ninstall.index-url='https://b'",
            {"index-url": "https://b"},
            id="command takes precedence",
        ),
        pytest.param(":env:.index-url=''\nglobal.index-url='https://a'", {"index-url": "https://a"}, id="empty value"),
        pytest.param(
            "global.default-timeout='9'\ninstall.timeout='8'", {"timeout": "8"}, id="two names of one setting"
        ),
        pytest.param(
            r"global.extra-index-url='\nhttps://a\nhttps://b'",
            {"extra-index-url": "\nhttps://a\nhttps://b"},
            id="lines",
        ),
        pytest.param('global.proxy="http://it\'s"', {"proxy": "http://it's"}, id="quote"),
        pytest.param("global.target='/elsewhere'\ninstall.user='true'", {}, id="other directories"),
        pytest.param(
            "global.use-feature='truststore fast-deps'", {"use-feature": "truststore"}, id="truststore feature"
        ),
        pytest.param("global.use-feature='fast-deps'", {}, id="other features"),
        pytest.param("WARNING: odd\nglobal.index-url=__import__('os')\n", {}, id="noise"),
    ],
)
def test_reads_settings_with_pips_precedence(listing: str, settings: dict[str, str]) -> None:
    assert settings_in(listing) == settings


def test_relative_paths_start_at_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    listing = "global.find-links='wheels https://a/wheels'\nglobal.cert='ca.pem'\nglobal.cache-dir='/cache'"

    assert settings_in(listing) == {
        "find-links": f"{tmp_path}/wheels https://a/wheels",
        "cert": f"{tmp_path}/ca.pem",
        "cache-dir": "/cache",
    }
    assert environment_to_ask({"PIP_CONFIG_FILE": "pip.conf"}) == {"PIP_CONFIG_FILE": f"{tmp_path}/pip.conf"}


@pytest.mark.parametrize("name", ["cert", "client-cert", "cache-dir", "find-links"])
def test_paths_need_no_home_directory(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", _raise_key_error)

    assert settings_in(f"global.{name}='~/x'") == {name: f"{tmp_path}/~/x"}


def _raise_key_error(_: int) -> None:
    raise KeyError


def test_settings_become_variables() -> None:
    environment = environment_to_install({"PATH": "/bin"}, {"index-url": "https://a", "timeout": "8"})

    assert environment == {
        "PATH": "/bin",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "https://a",
        "PIP_TIMEOUT": "8",
    }


def test_reads_the_output_of_real_pip(tmp_path: Path) -> None:
    """Uses the pip of this machine, because the format is that of pip."""
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        "[global]\nindex-url = https://all\ntarget = /elsewhere\nproxy = http://it's\n"
        "[install]\nindex-url = https://install\nextra-index-url =\n  https://b\n  https://c\nuser = true\n"
    )
    environment = {"PIP_CONFIG_FILE": str(configuration), "PIP_TIMEOUT": "8", "PIP_TARGET": "/x", "HOME": str(tmp_path)}

    answer = Pip.found(Interruption()).run(["config", "list"], environment_to_ask(environment), tmp_path)

    settings = settings_in(answer.output)
    # The machine may have more settings.
    assert settings.items() >= {"timeout": "8", "index-url": "https://install", "proxy": "http://it's"}.items()
    assert settings["extra-index-url"].split() == ["https://b", "https://c"]
    assert settings.keys().isdisjoint({"target", "user"})
