"""Reads Qovery's deployment log, asked for or pushed."""

from __future__ import annotations

from pydantic import RootModel

from qovery_helm_deploy.deployment.log_entry import LogEntry
from qovery_helm_deploy.qovery.wire import Lenient, LenientList, Wire, read


class _Transmitter(Wire):
    id: Lenient[str] = None


class _Stage(Wire):
    step: Lenient[str] = None


class _LogDetails(Wire):
    transmitter: Lenient[_Transmitter] = None
    stage: Lenient[_Stage] = None


class _LogMessage(Wire):
    safe_message: Lenient[str] = None


class _UnderlyingError(Wire):
    message: Lenient[str] = None


class _LogError(Wire):
    user_log_message: Lenient[str] = None
    hint_message: Lenient[str] = None
    link: Lenient[str] = None
    underlying_error: Lenient[_UnderlyingError] = None


class _LogEntry(Wire):
    timestamp: Lenient[str] = None
    details: Lenient[_LogDetails] = None
    message: Lenient[_LogMessage] = None
    error: Lenient[_LogError] = None


class _Log(RootModel[LenientList[_LogEntry]]):
    """An array, as the environment's log is."""


def read_log(answer: object) -> tuple[LogEntry, ...]:
    return tuple(_log_entry(entry) for entry in read(_Log, answer).root)


def read_pushed_log(message: object) -> tuple[LogEntry, ...]:
    """Read a message of the gateway: an entry or several, for its form is not specified."""
    return read_log(message if isinstance(message, list) else [message])


def _log_entry(entry: _LogEntry) -> LogEntry:
    details, error = entry.details or _LogDetails(), entry.error or _LogError()
    return LogEntry(
        timestamp=entry.timestamp or "",
        transmitter_id=details.transmitter.id if details.transmitter else None,
        step=details.stage.step if details.stage else None,
        message=entry.message.safe_message if entry.message else None,
        error=error.user_log_message,
        hint=error.hint_message or None,
        link=error.link or None,
        underlying_error=error.underlying_error.message if error.underlying_error else None,
    )
