"""What the code says: the half of a check that is not the deployment's."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from streamkit.deployment.found import FoundMapping, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamkit.mapping import EventSourceMapping
    from streamkit.signature import HandlerSignature

__all__ = ["HandlerFacts", "Kind", "facts_of", "name_of", "own_mapping"]

Kind: TypeAlias = Literal["stream", "window", "plain"]
"""``@stream_handler``, ``@tumbling_window``, or any other function of event and context."""


@dataclass(frozen=True, slots=True)
class HandlerFacts:
    """What is known of a handler."""

    name: str
    """``app:handler``."""
    handler: Callable[..., Any]
    kind: Kind
    signature: HandlerSignature | None
    """None for a plain handler."""
    mapping: EventSourceMapping | None
    """None for a plain handler."""
    on_failure: str | None
    """The failure policy; None for a plain handler."""
    margin_ms: int
    """The deadline margin that is in force: 0 where nothing stops between records."""
    concurrency: int
    """How many records run at once."""
    place: Place

    @property
    def whole_batch(self) -> bool:
        """Whether its function gets the batch at once."""
        return self.signature is not None and self.signature.whole_batch

    @property
    def reports(self) -> bool:
        """Whether it answers with the records that failed: certain of streamkit's handlers only."""
        return self.mapping is not None and self.mapping.reports_batch_item_failures

    def explicit(self) -> Mapping[str, Any]:
        """Return the settings that its decorator says, under AWS's names."""
        if self.mapping is None:
            return {}
        # Through the fields, since a deferred mapping is asked for its parts only.
        said = self.mapping.model_fields_set
        return self.mapping.model_dump(by_alias=True, include=said, exclude_none=True)


def facts_of(handler: Callable[..., Any], name: str | None = None) -> HandlerFacts:
    """Return what is known of a handler; ``name``: as it is called, by default by its module and its own name."""
    made: Any = handler
    signature: HandlerSignature | None = getattr(made, "_streamkit_signature", None)
    called = name or name_of(handler)
    place = _place_of(handler, called)
    if signature is None:
        return HandlerFacts(called, handler, "plain", None, None, None, 0, 1, place)
    options = made._streamkit_options  # noqa: SLF001  # set with the signature
    stops = not signature.whole_batch and options.on_failure != "raise"
    return HandlerFacts(
        name=called,
        handler=handler,
        kind="window" if hasattr(handler, "final") else "stream",
        signature=signature,
        mapping=made.mapping,
        on_failure=options.on_failure,
        margin_ms=options.deadline_margin_ms if stops else 0,
        concurrency=getattr(options, "concurrency", 1) if signature.is_async else 1,
        place=place,
    )


def name_of(handler: Callable[..., Any]) -> str:
    """Return what a handler is called where nobody says it."""
    return f"{handler.__module__}:{getattr(handler, '__qualname__', type(handler).__qualname__)}"


def own_mapping(facts: HandlerFacts) -> FoundMapping:
    """Return the mapping that a handler's decorator says; a plain handler's has Lambda's defaults."""
    return FoundMapping(facts.name, facts.place, facts.explicit())


def _place_of(handler: Callable[..., Any], name: str) -> Place:
    function = inspect.unwrap(handler)
    code = getattr(function, "__code__", None)
    if code is None:
        return Place(name.partition(":")[0], name)
    file = Path(code.co_filename)
    shown = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
    return Place(str(shown), name, code.co_firstlineno)
