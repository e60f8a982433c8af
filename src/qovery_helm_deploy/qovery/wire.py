"""Reads Qovery's answers leniently.

What decides must be there, or the answer counts as none; everything else may be missing, of another type, or new. The
models are in `states`, `services` and `logs`, after Qovery's API specification 1.0.4.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from qovery_helm_deploy.errors import NoAnswerError

T = TypeVar("T")


def _or_none(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    try:
        return handler(value)
    except ValidationError:
        return None


def _usable(value: object, handler: ValidatorFunctionWrapHandler) -> list[object]:
    """Keep the entries of a list that can be read."""
    entries = value if isinstance(value, list) else []
    read = [_or_none([entry], handler) for entry in entries]
    return [entry for one in read if isinstance(one, list) for entry in one]


Lenient = Annotated[T | None, WrapValidator(_or_none)]
LenientList = Annotated[list[T], WrapValidator(_usable)]


class Wire(BaseModel):
    # Built when first needed: by then the first request is on its way, and many are never needed.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, defer_build=True)


W = TypeVar("W", bound=BaseModel)


def read(model: type[W], answer: object) -> W:
    """Read an answer. Raises `NoAnswerError` where it lacks what decides."""
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in detail["loc"]) or "the whole"
        raise NoAnswerError(f"Qovery's answer is not as specified: {where}: {detail['msg']}.") from None


def read_nothing(_answer: object) -> None:
    """For calls whose answer says nothing beyond its status."""
