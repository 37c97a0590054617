"""Which of a template's mappings are those of a handler."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamkit.deployment.checking.handlerfacts import name_of
from streamkit.deployment.checking.matching import is_file_of, is_handler, may_be_handler
from streamkit.deployment.found import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamkit.deployment.found import FoundMapping

__all__ = ["choose"]


def choose(
    mappings: Sequence[FoundMapping],
    file: str,
    handler: Callable[..., Any],
    *,
    name: str | None = None,
    function: str | None = None,
) -> list[FoundMapping]:
    """Return the mappings of ``function``, else those whose function has this handler, else the only one.

    Raises TemplateError where there is none, or where that does not tell.
    """
    if not mappings:
        raise TemplateError(f"{file} has no mapping on a DynamoDB stream: there is nothing to check")
    if function is not None:
        chosen = [found for found in mappings if function in _names(found)]
        if not chosen:
            raise TemplateError(
                f"{file} has no function {function!r} with a mapping on a DynamoDB stream: {_listed(mappings)}"
            )
        return chosen
    called = name or name_of(handler)
    folder = Path(file).parent
    loosely = [found for found in mappings if may_be_handler(handler, called, _written(found))]
    in_its_file = [found for found in loosely if is_file_of(handler, folder, _written(found))]
    strictly = [found for found in loosely if is_handler(handler, called, _written(found))]
    for chosen in (in_its_file, strictly, loosely):
        if chosen and len({_written(found) for found in chosen}) == 1:
            return chosen
        if chosen:
            raise TemplateError(
                f"{file} has several functions that may be {called}: {_listed(chosen)}. "
                f"Say which one it is (--function, function=)"
            )
    if len(mappings) == 1:
        return list(mappings)
    raise TemplateError(
        f"{file} has several mappings on DynamoDB streams, and none is of a function whose Handler is "
        f"{called.replace(':', '.')}: {_listed(mappings)}. Say which function it is (--function, function=)"
    )


def _written(found: FoundMapping) -> str:
    handler = found.function and found.function.handler
    return handler if isinstance(handler, str) else ""


def _names(found: FoundMapping) -> set[str]:
    function = found.function
    names = {found.name, str(found.settings.get("FunctionName"))}
    return names if function is None else names | {function.name, str(function.function_name)}


def _listed(mappings: Sequence[FoundMapping]) -> str:
    return ", ".join(
        f"{found.function.name} (Handler {found.function.handler})" if found.function else found.name
        for found in mappings
    )
