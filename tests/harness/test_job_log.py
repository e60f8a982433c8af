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
        pytest.param("said ##[error]wrong", "wrong", id="of old, within a line"),
        pytest.param("::ERROR::wrong", "wrong", id="capitals"),
        pytest.param("::unheard-of::wrong", None, id="unknown"),
        pytest.param("::error::50%25 of%0Alines%250A", "50% of\nlines%0A", id="encoded"),
    ],
)
def test_commands_are_seen_where_the_runner_sees_them(line: str, message: str | None) -> None:
    assert [annotation.message for annotation in _log_of(line).annotations] == ([message] if message else [])


def test_properties_are_decoded() -> None:
    [annotation] = _log_of("::warning title=A%3A b%2C c,line=3::wrong").annotations

    assert annotation == Annotation(level="warning", title="A: b, c", message="wrong")


def test_masks_hold_from_then_on_and_not_for_titles() -> None:
    log = _log_of("secret", "::add-mask::secret", "a secret", "::error title=secret::a secret")

    assert log.shown == ["secret", "a ***", "##[error]a ***"]
    assert log.annotations == [Annotation(level="error", title="secret", message="a ***")]


def test_each_line_of_a_mask_is_masked() -> None:
    assert _log_of("::add-mask::one%0Atwo", "one and two").shown == ["*** and ***"]


def test_stopped_commands_are_shown_until_the_word_comes() -> None:
    log = _log_of("::stop-commands::word", "::error::a", "##[error]b", "::word::", "::error::c")

    assert log.shown == ["::error::a", "##[error]b", "##[error]c"]
    assert [annotation.message for annotation in log.annotations] == ["c"]


def test_there_are_no_more_than_ten_annotations_a_level() -> None:
    log = _log_of(*["::error::wrong"] * 12, "::notice::well")

    assert [annotation.level for annotation in log.annotations] == ["error"] * 10 + ["notice"]


def test_debug_is_not_shown() -> None:
    assert _log_of("::debug::details").shown == []
