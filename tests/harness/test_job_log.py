import pytest

from tests.harness import Annotation, JobLog


def _log_of(*lines: str) -> JobLog:
    log = JobLog()
    for line in lines:
        log.take(line)
    return log


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("::error::wrong", "wrong", id="plain"),
        pytest.param("   ::error::wrong", "wrong", id="after white space"),
        pytest.param("said ::error::wrong", None, id="within a line"),
        pytest.param("said ##[error]wrong", "wrong", id="old form, within a line"),
        pytest.param("::ERROR::wrong", "wrong", id="capitals"),
        pytest.param("::unheard-of::wrong", None, id="unknown"),
        pytest.param("::error::50%25 of%0Alines%250A", "50% of\nlines%0A", id="encoded"),
    ],
)
def test_recognizes_commands_like_the_runner(line: str, message: str | None) -> None:
    assert [annotation.message for annotation in _log_of(line).annotations] == ([message] if message else [])


def test_decodes_properties() -> None:
    [annotation] = _log_of("::warning title=A%3A b%2C c,line=3::wrong").annotations

    assert annotation == Annotation(level="warning", title="A: b, c", message="wrong")


def test_masks_later_lines_but_no_titles() -> None:
    log = _log_of("secret", "::add-mask::secret", "a secret", "::error title=secret::a secret")

    assert log.shown == ["secret", "a ***", "##[error]a ***"]
    assert log.annotations == [Annotation(level="error", title="secret", message="a ***")]


def test_masks_each_line_of_a_secret() -> None:
    assert _log_of("::add-mask::one%0Atwo", "one and two").shown == ["*** and ***"]


def test_shows_commands_while_they_are_stopped() -> None:
    log = _log_of("::stop-commands::word", "::error::a", "##[error]b", "::word::", "::error::c")

    assert log.shown == ["::error::a", "##[error]b", "##[error]c"]
    assert [annotation.message for annotation in log.annotations] == ["c"]


def test_keeps_ten_annotations_per_level() -> None:
    log = _log_of(*["::error::wrong"] * 12, "::notice::well")

    assert [annotation.level for annotation in log.annotations] == ["error"] * 10 + ["notice"]


def test_hides_debug_lines() -> None:
    assert _log_of("::debug::details").shown == []
