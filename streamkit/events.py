"""What a handler is given: `Insert`, `Modify`, `Remove`, their union `Change`, and where each came from.

An event holds the images that the handler's types ask for, already decoded; keys and meta are read from the raw
record when they are first looked at.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeAlias, TypedDict, Union

from typing_extensions import TypeVar

from streamkit.attributes import deserialize_item
from streamkit.errors import AttributeValueError
from streamkit.images import changes_between, named_changes

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Change", "Insert", "Modify", "RecordMeta", "Remove", "UserIdentity", "ViewType", "Window"]

ViewType: TypeAlias = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
"""What a stream's records carry besides the keys (AWS: StreamViewType)."""

Item: TypeAlias = dict[str, Any]

_New_co = TypeVar("_New_co", covariant=True, default=Item)
_Old_co = TypeVar("_Old_co", covariant=True, default=_New_co)
_Keys_co = TypeVar("_Keys_co", covariant=True, default=Item)
_Image = TypeVar("_Image", default=Item)


class UserIdentity(TypedDict):
    """Who made the change, under AWS's names; only the service itself is ever named (SEMANTICS §7)."""

    type: str
    principalId: str


_TTL: UserIdentity = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


class RecordMeta:
    """Where a record came from. Each value is read from the raw record when it is asked for.

    Raises KeyError, naming the member, if the record lacks one that Lambda always sends.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    @property
    def event_id(self) -> str:
        """The record's id (eventID), unique in its stream."""
        return str(self._raw["eventID"])

    @property
    def sequence_number(self) -> str:
        """The record's place in its shard: 21 to 40 digits; compare as integers, lengths vary (SEMANTICS §7)."""
        return str(self._raw["dynamodb"]["SequenceNumber"])

    @property
    def created_at(self) -> datetime | None:
        """When the item changed (ApproximateCreationDateTime), aware and in UTC; None where the record has no time."""
        seconds = self._raw["dynamodb"].get("ApproximateCreationDateTime")
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    @property
    def size_bytes(self) -> int:
        """The size of keys and images in bytes, by DynamoDB's item-size rules (SizeBytes)."""
        return int(self._raw["dynamodb"]["SizeBytes"])

    @property
    def view_type(self) -> ViewType:
        """What the stream's records carry (StreamViewType)."""
        view_type: ViewType = self._raw["dynamodb"]["StreamViewType"]
        return view_type

    @property
    def region(self) -> str:
        """The AWS region of the table (awsRegion)."""
        return str(self._raw["awsRegion"])

    @property
    def stream_arn(self) -> str:
        """The ARN of the stream (eventSourceARN)."""
        return str(self._raw["eventSourceARN"])

    @property
    def table_name(self) -> str:
        """The name of the table, taken from the stream's ARN; ValueError if that is no ARN of a DynamoDB stream."""
        arn = self.stream_arn
        _, _, resource = arn.partition(":table/")
        if not resource:
            raise ValueError(f"eventSourceARN {arn!r} names no table: expected arn:aws:dynamodb:…:table/NAME/stream/…")
        return resource.partition("/")[0]

    @property
    def user_identity(self) -> UserIdentity | None:
        """Who made the change: the service for a deletion by TTL, None for everything else (SEMANTICS §7)."""
        identity: UserIdentity | None = self._raw.get("userIdentity")
        return identity

    def __repr__(self) -> str:
        return f"RecordMeta({dict(self._raw)!r})"

    def __eq__(self, other: object) -> bool:
        return self._raw == other._raw if isinstance(other, RecordMeta) else NotImplemented


class _Event(Generic[_Keys_co]):
    """What the three kinds share. Made by hand in a unit test, ``raw`` and ``keys`` may be left out."""

    __slots__ = ("_keys", "_meta", "_raw")
    _raw: dict[str, Any]
    _keys: Any
    _meta: RecordMeta | None

    @property
    def keys(self) -> _Keys_co:
        """The item's primary key: every view type carries it."""
        if self._keys is None:
            # Only untyped keys are read here, on demand: typed ones are decoded with the images, since they can fail.
            self._keys = deserialize_item(self.raw["dynamodb"]["Keys"])
        keys: _Keys_co = self._keys
        return keys

    @property
    def meta(self) -> RecordMeta:
        """Where the record came from and when."""
        if self._meta is None:
            self._meta = RecordMeta(self.raw)
        return self._meta

    @property
    def raw(self) -> dict[str, Any]:
        """The record as Lambda sent it, untouched: for Powertools' ``DynamoDBRecord(change.raw)`` and the like.

        Raises LookupError for an event that was made by hand without a record.
        """
        if not self._raw:
            kind = type(self).__name__
            raise LookupError(
                f"this {kind} was made without a record, so it has no raw, meta or keys of its own: "
                f"pass raw= (the record in Lambda's form), or keys= where only the keys are needed"
            )
        return self._raw

    @property
    def raw_event(self) -> dict[str, Any]:
        """The same as ``raw``, under the name by which Powertools finds it: ``@idempotent_function`` keys on it."""
        return self.raw

    def _parts(self) -> dict[str, Any]:
        images = {name: getattr(self, name) for name in ("new", "old") if hasattr(self, name)}
        return images | {"keys": self._readable_keys()}

    def _readable_keys(self) -> Any:
        try:
            return self.keys if self._raw else self._keys
        except (LookupError, TypeError, AttributeValueError):
            return None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._parts().items())})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Event) or type(other) is not type(self):
            return NotImplemented
        return self._raw == other._raw and self._parts() == other._parts()


class Insert(_Event[_Keys_co], Generic[_New_co, _Keys_co]):
    """An item was created: ``new`` is what it holds."""

    __slots__ = ("_new",)
    __match_args__ = ("new",)

    def __init__(self, new: _New_co, *, keys: _Keys_co | None = None, raw: dict[str, Any] | None = None) -> None:
        self._new = new
        self._keys = keys
        self._raw = raw or {}
        self._meta = None

    @property
    def new(self) -> _New_co:
        """The item after the change (NewImage)."""
        return self._new


class Modify(_Event[_Keys_co], Generic[_New_co, _Old_co, _Keys_co]):
    """An item was changed from ``old`` to ``new``. A write that changes nothing makes no record (SEMANTICS §7)."""

    __slots__ = ("_new", "_old")
    __match_args__ = ("new", "old")

    def __init__(
        self, new: _New_co, old: _Old_co, *, keys: _Keys_co | None = None, raw: dict[str, Any] | None = None
    ) -> None:
        self._new = new
        self._old = old
        self._keys = keys
        self._raw = raw or {}
        self._meta = None

    @property
    def new(self) -> _New_co:
        """The item after the change (NewImage)."""
        return self._new

    @property
    def old(self) -> _Old_co:
        """The item before the change (OldImage)."""
        return self._old

    def changed(self, *names: str) -> bool:
        """Whether any of the named fields changed; without names, whether anything did.

        Names are those of the image type: a model's field names, a dict's keys. A field that appears or disappears has
        changed. Raises AttributeError for a name that a model does not have, LookupError if either image is None.
        """
        return named_changes(self._new, self._old, names)

    def diff(self) -> dict[str, tuple[Any, Any]]:
        """Every field that changed, as ``{name: (old, new)}``, with None for a side where the field is absent.

        Raises LookupError if either image is None (the handler's types did not ask for it).
        """
        return changes_between(self._new, self._old)


class Remove(_Event[_Keys_co], Generic[_New_co, _Keys_co]):
    """An item was deleted: ``old`` is what it held."""

    __slots__ = ("_old",)
    __match_args__ = ("old",)

    def __init__(self, old: _New_co, *, keys: _Keys_co | None = None, raw: dict[str, Any] | None = None) -> None:
        self._old = old
        self._keys = keys
        self._raw = raw or {}
        self._meta = None

    @property
    def old(self) -> _New_co:
        """The item before the change (OldImage)."""
        return self._old

    @property
    def expired(self) -> bool:
        """Whether DynamoDB deleted the item because its time to live had passed (SEMANTICS §7)."""
        return self.meta.user_identity == _TTL


# Every parameter is written out: CPython 3.13.0 cannot subscript an alias that leaves one to its default.
Change: TypeAlias = Union[Insert[_Image, Item], Modify[_Image, _Image, Item], Remove[_Image, Item]]
"""Any change of an item whose images are of one type: the union that ``match`` takes apart."""


class Window(NamedTuple):
    """A tumbling window of one shard (SEMANTICS §5), as one invocation sees it."""

    start: datetime
    """Its first moment, aware and in UTC."""
    end: datetime
    """The first moment behind it. Records belong to a window by when they were created (`RecordMeta.created_at`); a
    late one joins the window that is open (U)."""
    shard_id: str = ""
    """Each shard has windows, and a state, of its own."""
    is_final: bool = False
    """Whether this is the invocation that ends it (isFinalInvokeForWindow)."""
    terminated_early: bool = False
    """Whether it ends because its state is larger than 1 MB (isWindowTerminatedEarly): records that come later go on
    with the same window and a fresh state, so that it ends more than once."""
