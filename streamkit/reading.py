"""A raw record to the event that a handler asks for, or to the error that says why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from streamkit.decoding import accepts_none, decoder_for, is_untyped, problem_of
from streamkit.errors import DecodeError, HandlerDefinitionError, ViewTypeError
from streamkit.typeforms import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.decoding import Decoder
    from streamkit.signature import EventKind, HandlerSignature

    _Maker: TypeAlias = Callable[[Any, Mapping[str, Any]], Any]

__all__ = ["EventReader", "sequence_number_of"]

_EVENT_NAMES = ("INSERT", "MODIFY", "REMOVE")

# Which images each view type carries (SEMANTICS §7).
_CARRIED = {
    "KEYS_ONLY": (),
    "NEW_IMAGE": ("NewImage",),
    "OLD_IMAGE": ("OldImage",),
    "NEW_AND_OLD_IMAGES": ("NewImage", "OldImage"),
}


def sequence_number_of(record: Any) -> str | None:
    """Return a raw record's sequence number, None where it has none that could be reported."""
    data = record.get("dynamodb") if isinstance(record, Mapping) else None
    return _number_in(data) if isinstance(data, Mapping) else None


def _number_in(data: Mapping[str, Any]) -> str | None:
    number = data.get("SequenceNumber")
    return number if isinstance(number, str) and number else None


class EventReader:
    """Reads records for one handler. Building it checks every type that the handler names.

    Raises HandlerDefinitionError for a type that no item can have.
    """

    def __init__(self, signature: HandlerSignature) -> None:
        self._makers: Mapping[Any, _Maker] = {name: _maker(kind, signature) for name, kind in signature.kinds.items()}

    def read(self, record: Any) -> Any:
        """Return the record's event, or None where the handler did not ask for this kind.

        Raises DecodeError, with the original error as its cause.
        """
        # Asking for the exact type first: a record is a dict, and whether one is a Mapping takes longer than all else.
        data = record.get("dynamodb") if type(record) is dict or isinstance(record, Mapping) else None
        if type(data) is not dict and not isinstance(data, Mapping):
            problem = f'{record!r:.100} is not a stream record: it has no "dynamodb" object'
            raise DecodeError(problem, sequence_number=None, part="record")
        event_name = record.get("eventName")
        make = self._makers.get(event_name if type(event_name) is str else str(event_name))
        if make is not None:
            return make(record, data)
        if event_name in _EVENT_NAMES:
            return None
        problem = f"eventName is {event_name!r}: expected {', '.join(_EVENT_NAMES)}"
        raise DecodeError(problem, sequence_number=sequence_number_of(record), part="record")


def _maker(kind: EventKind, signature: HandlerSignature) -> _Maker:
    asked = f"parameter {signature.parameter!r} of {signature.function_name}()"
    event = kind.event
    reads = [_ImageReader(part, wanted, kind, asked).read for part, wanted in kind.images.items()]
    if not is_untyped(kind.keys):
        read_keys = _ImageReader("Keys", kind.keys, kind, asked).read
        return lambda record, data: event(*[read(data) for read in reads], keys=read_keys(data), raw=record)
    if len(reads) == 1:
        (read,) = reads
        return lambda record, data: event(read(data), raw=record)
    read_new, read_old = reads
    return lambda record, data: event(read_new(data), read_old(data), raw=record)


class _ImageReader:
    """Reads one part of a record: an image, or typed keys."""

    def __init__(self, part: str, wanted: Any, kind: EventKind, asked: str) -> None:
        self._part = part
        self._kind = kind.event.__name__
        self._asked = asked
        self._wanted = shown(wanted)
        self._optional = accepts_none(wanted)
        self._decode: Decoder | None = decoder_for(wanted, f"{asked}, {self._kind}'s {part}")

    def read(self, data: Mapping[str, Any]) -> Any:
        if self._decode is None:
            return None
        image = data.get(self._part)
        if image is None:
            if self._optional:
                return None
            raise self._missing(data)
        try:
            return self._decode(image)
        except HandlerDefinitionError:
            raise  # no fault of this record: like a ViewTypeError, it must not empty the stream into a quarantine
        except Exception as error:
            problem = problem_of(error, image)
            raise DecodeError(problem, sequence_number=_number_in(data), part=self._part) from error

    def _missing(self, data: Mapping[str, Any]) -> DecodeError:
        view_type = data.get("StreamViewType")
        number = _number_in(data)
        if self._part == "Keys" or self._part in _CARRIED.get(str(view_type), (self._part,)):
            problem = f"the record carries none, although its StreamViewType is {view_type}"
            return DecodeError(problem, sequence_number=number, part=self._part)
        enough = " or ".join(view for view, parts in _CARRIED.items() if self._part in parts)
        problem = (
            f"the stream's view type {view_type} does not carry it, but {self._asked} asks for {self._wanted} there: "
            f"write None for it ({self._kind}[…]), or set the table's StreamViewType to {enough}"
        )
        return ViewTypeError(problem, sequence_number=number, part=self._part)
