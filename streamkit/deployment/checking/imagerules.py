"""Whether the stream carries the images that the handler's types ask for (SEMANTICS §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.decoding import accepts_none
from streamkit.deployment.checking.deliverable import CARRIED, KINDS, kinds_through
from streamkit.deployment.checking.refusalrules import patterns_of
from streamkit.deployment.checking.rule import Fault, Rule
from streamkit.typeforms import shown, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.deployment.checking.subject import Subject
    from streamkit.signature import HandlerSignature

__all__ = ["RULES", "delivered_kinds"]


def delivered_kinds(subject: Subject, view_type: str | None = None) -> list[str]:
    """Return the kinds of records that the filters let through."""
    if not subject.setting("FilterCriteria"):
        return list(KINDS)
    through = {kind for _, pattern in patterns_of(subject) for kind in kinds_through(pattern, view_type)}
    return [kind for kind in KINDS if kind in through]


def _asked(signature: HandlerSignature, image: str, kinds: list[str]) -> list[str]:
    """Return where the handler asks for an image that has to be there."""
    label = {"NewImage": "new", "OldImage": "old"}[image]
    return [
        f"{kind.event.__name__}.{label} ({shown(kind.images[image])})"
        for name, kind in signature.kinds.items()
        if name in kinds and image in kind.images and _is_needed(kind.images[image])
    ]


def _is_needed(image_type: object) -> bool:
    return unwrapped(image_type) not in (None, type(None)) and not accepts_none(image_type)


def _view_type(subject: Subject) -> Iterator[Fault]:
    signature = subject.handler.signature
    view_type = subject.view_type() if signature else None
    if signature is None or view_type is None or view_type not in CARRIED:
        return
    kinds = delivered_kinds(subject)
    asked = {image: _asked(signature, image, kinds) for image in ("NewImage", "OldImage")}
    absent = {image: where for image, where in asked.items() if where and image not in CARRIED[view_type]}
    if not absent:
        return
    needed = {image for image, where in asked.items() if where}
    enough = next(view for view, images in sorted(CARRIED.items(), key=lambda one: len(one[1])) if needed <= {*images})
    events = sorted({where.partition(".")[0] for several in absent.values() for where in several})
    yield Fault(
        subject.table().place,
        f"the stream's view type {view_type} carries no {' and no '.join(absent)}, and {subject.handler.name} asks for "
        f"{', '.join(where for several in absent.values() for where in several)}",
        f"every {' and '.join(events)} is a ViewTypeError: it fails for good",
        f"{subject.dialect.view_type(enough)}\n"
        f"or in the code: None in the place of the type, in {', '.join(f'{event}[…]' for event in events)}",
    )


def _stream(subject: Subject) -> Iterator[Fault]:
    if subject.view_type() is None:
        table = subject.table()
        yield Fault(
            table.place,
            f"the table {table.name} has no stream",
            "there is nothing that the mapping could read: the deployment fails",
            subject.dialect.view_type("NEW_AND_OLD_IMAGES"),
        )


RULES = (
    Rule(
        "view-type-lacks-image",
        "error",
        "the stream's view type does not carry an image that the handler's types ask for",
        "SEMANTICS §7, D",
        _view_type,
    ),
    Rule("table-without-stream", "error", "the table has no stream", "SEMANTICS §1, O", _stream),
)
