"""What the code says and the deployment does not: the function, the settings, whether anything is delivered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamkit.deployment.checking.matching import may_be_handler, same_function
from streamkit.deployment.checking.ownfilters import are_own
from streamkit.deployment.checking.rule import Fault, Rule
from streamkit.deployment.checking.subject import UnknownError
from streamkit.deployment.found import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.deployment.checking.subject import Subject

__all__ = ["RULES"]

# They have rules of their own; get-event-source-mapping does not answer Tags.
_APART = ("Enabled", "FunctionResponseTypes", "Tags", "TumblingWindowInSeconds")


def _handler(subject: Subject) -> Iterator[Fault]:
    function, handler = subject.function(), subject.handler
    written = function.handler
    if isinstance(written, Unknown):
        raise UnknownError(f"Handler is not known here: {written}")
    if written is None:
        raise UnknownError("nothing is known here of the function's Handler")
    if not may_be_handler(handler.handler, handler.name, written):
        yield Fault(
            function.place,
            f"the Handler of {function.name} is {written}, and not {handler.name}",
            "Lambda calls another function than the one that was looked at",
            subject.dialect.function("Handler", handler.name.replace(":", ".")),
        )


def _settings(subject: Subject) -> Iterator[Fault]:
    handler = subject.handler
    if subject.is_own:
        return
    unknown = []
    for name, said in handler.explicit().items():
        if name in _APART:
            continue
        try:
            deployed = subject.setting(name)
        except UnknownError as error:
            unknown.append(str(error))
            continue
        same = are_own(deployed, handler) if name == "FilterCriteria" else _is_same(name, said, deployed)
        if not same:
            yield Fault(
                subject.place(name),
                f"{name} is {_shown(deployed)}, and the decorator of {handler.name} says {_shown(said)}",
                "the handler was written, and is tested, for other settings than it runs with",
                subject.set(name, said),
            )
    if unknown:
        raise UnknownError("; ".join(unknown))


def _is_same(name: str, said: Any, deployed: Any) -> bool:
    if name == "FunctionName":
        # Of a mapping whose function stands beside it, nothing is said.
        return deployed is None or same_function(said, deployed)
    if name == "EventSourceArn" and deployed is None:
        return True
    return bool(said == deployed)


def _shown(value: Any) -> str:
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)


def _disabled(subject: Subject) -> Iterator[Fault]:
    if subject.setting("Enabled") is False and subject.handler.explicit().get("Enabled") is not False:
        yield Fault(
            subject.place("Enabled"),
            "the mapping is disabled",
            "nothing is delivered, and what has waited for 24 hours is gone from the stream",
            subject.set("Enabled", True),
        )


RULES = (
    Rule("handler-mismatch", "error", "the function's Handler is another one", "the template's own", _handler),
    Rule(
        "setting-differs",
        "error",
        "a setting that the decorator says and the deployment does not",
        "the decorator's own",
        _settings,
    ),
    Rule("mapping-disabled", "warning", "the mapping is disabled", "SEMANTICS §1 and §3, D", _disabled),
)
