import pytest
from credentials import Credentials


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("see https://me:pass@host/simple", "see https://****@host/simple", id="user and password"),
        pytest.param("see https://token@host/simple", "see https://****@host/simple", id="token"),
        pytest.param("https://me:p@ss@host/", "https://****@host/", id="at sign in the password"),
        pytest.param("https://me:p/ss@host/", "https://****@host/", id="slash in the password"),
        pytest.param("https://host/simple/a", "https://host/simple/a", id="none"),
    ],
)
def test_hides_credentials_in_addresses(text: str, shown: str) -> None:
    assert Credentials([]).hidden_in(text) == shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("PIP_INDEX_URL", "https://me:p@ss/word@host/simple", id="at sign and slash"),
        pytest.param("extra-index-url", "\nhttps://a\nhttps://me:word/ss@host/simple", id="one of several addresses"),
        pytest.param("find-links", "https://me:ss?word#p@host/wheels", id="question mark and hash"),
        pytest.param("HTTPS_PROXY", "me:word/ss@proxy:3128", id="proxy without a scheme"),
        pytest.param("PIP_EXTRA_INDEX_URL", "https://me:p%40ss/word@host/simple", id="half encoded"),
    ],
)
def test_hides_parts_of_ambiguous_passwords(name: str, value: str) -> None:
    credentials = Credentials.of({name: value})

    assert credentials.are_ambiguous
    text = "message: failed to resolve 'SS', port word; url: /word@host/simple, p@ss ss/word (ssl, password, P@SS)"
    hidden = credentials.hidden_in(text)
    for part in ("'SS'", "port word", "/word@", "ss/", "@ss"):
        assert part not in hidden
    assert hidden.startswith("message: failed to resolve '****', port ****; url: /****@host/simple")
    assert "(ssl, password" in hidden


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"index-url": "https://me:pa%2Fss@host/simple"}, id="encoded"),
        pytest.param({"index-url": "https://host/simple"}, id="none"),
        pytest.param({"find-links": "/wheels/a@b"}, id="path"),
        pytest.param({"SHELL_PROMPT": "https://me:p/ss@host"}, id="other variable"),
    ],
)
def test_other_settings_are_not_ambiguous(settings: dict[str, str]) -> None:
    assert not Credentials.of(settings).are_ambiguous
