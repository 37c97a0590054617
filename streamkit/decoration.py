"""What the decorators share: their options, checked, and the plain function that they make of the user's."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, TypeVar, cast

from streamkit.deferred import DeferredMapping
from streamkit.errors import HandlerDefinitionError
from streamkit.settingchecks import flaws_of
from streamkit.settings import MappingOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streamkit.calling import Caller
    from streamkit.errors import DecodeError

__all__ = ["check_function", "check_margin", "check_policy", "is_whole_number", "lambda_handler", "mapping_settings"]

_DEFAULT_DEADLINE_MARGIN_MS = 500

# The settings that a decorator makes itself, and what of it does.
_SET_BY = {
    "function_response_types": "the decorator itself",
    "tumbling_window_in_seconds": "@tumbling_window(seconds=…)",
}

P = TypeVar("P", bound=str)
Invalid = TypeVar("Invalid", bound="Callable[[dict[str, Any], DecodeError], object]")


def lambda_handler(
    function: Callable[..., object],
    handle: Callable[..., Any],
    caller: Caller,
    settings: Mapping[str, Any],
    **attributes: Any,
) -> Any:
    """Make ``handle`` the Lambda handler that stands in the place of ``function``: a function, with attributes."""
    name = caller.signature.function_name
    # The annotations stay handle's own: Powertools' event_parser reads the event's type from them.
    functools.update_wrapper(handle, function, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    handle.__annotations__ = {"event": dict[str, Any], "context": Any, "return": dict[str, Any]}
    vars(handle).update(
        __signature__=inspect.signature(handle, follow_wrapped=False),
        invalid=functools.partial(_register_invalid, caller, name),
        mapping=DeferredMapping(settings),
        _streamkit_signature=caller.signature,
        **attributes,
    )
    return handle


def mapping_settings(
    mapping: Mapping[str, Any], name: str, decorator: str, known: Sequence[str], **own: Any
) -> dict[str, Any]:
    """Return the settings that a decorator was given, with its ``own``, checked; ``known`` are all that it takes.

    Raises HandlerDefinitionError for a name that is none, pydantic's ValidationError for what Lambda would refuse.
    """
    for option in mapping:
        if option in _SET_BY:
            raise HandlerDefinitionError(f"{name}(): {option} is set by {_SET_BY[option]}, leave it out")
        if option not in MappingOptions.__annotations__:
            raise HandlerDefinitionError(
                f"{name}(): {decorator} has no option {option!r}{_alternatives(option, sorted(known))}"
            )
    settings = {**mapping, **own}
    if flaws_of(settings):
        # The full model raises the error, so that a setting is refused in the same words wherever it stands.
        DeferredMapping(settings).resolve()
    return settings


def check_policy(on_failure: P, policies: Sequence[str], name: str) -> P:
    """Return the failure policy if it is one of these."""
    if on_failure not in policies:
        raise HandlerDefinitionError(f"{name}(): on_failure takes {', '.join(map(repr, policies))}, not {on_failure!r}")
    return on_failure


def check_margin(margin: Any, name: str, *, whole_batch: bool) -> int:
    """Return the milliseconds below which no further record is started."""
    if margin is None:
        return _DEFAULT_DEADLINE_MARGIN_MS
    if whole_batch:
        raise HandlerDefinitionError(
            f"{name}(): deadline_margin_ms stops between records, and a whole-batch function gets all at once: "
            f"leave it out, watch context.get_remaining_time_in_millis() and raise BatchItemFailure"
        )
    if not is_whole_number(margin) or margin < 0:
        raise HandlerDefinitionError(f"{name}(): deadline_margin_ms takes milliseconds from 0 on, not {margin!r}")
    return cast("int", margin)


def check_function(function: Any, where: str, *parameters: str, context: bool = False) -> bool:
    """Raise HandlerDefinitionError, saying ``where``, for what cannot be called with so many arguments and run.

    ``context``: whether it may have a parameter of that name too. Returns whether it has.
    """
    takes = f"{where} takes a function of {', '.join(parameters)}{' (and context, if it likes)' if context else ''}"
    if not callable(function):
        raise HandlerDefinitionError(f"{takes}, not {function!r}")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise HandlerDefinitionError(
            f"{takes}; {function!r} contains yield, so calling it would run none of it: use a plain function"
        )
    try:
        signature = inspect.signature(function)
        with_context = context and "context" in signature.parameters
        signature.bind(*parameters, **({"context": None} if with_context else {}))
    except TypeError as error:
        raise HandlerDefinitionError(f"{takes}, not {function!r} ({error})") from None
    except ValueError:  # some builtins have no signature; the first call will tell
        return False
    return with_context


def is_whole_number(value: Any) -> bool:
    """Whether it is an integer and no boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def _alternatives(option: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  # only to word an error

    close = get_close_matches(option, known, n=1)
    return f": did you mean {close[0]!r}?" if close else f": it has {', '.join(known)}"


def _register_invalid(caller: Caller, name: str, function: Invalid) -> Invalid:
    if caller.invalid is not None:
        raise HandlerDefinitionError(
            f"{name}() has an invalid function already: {caller.invalid!r}; it has one, which may call several"
        )
    check_function(function, f"{name}.invalid", "record", "error")
    caller.invalid = cast("Callable[[dict[str, Any], DecodeError], object]", function)
    return function
