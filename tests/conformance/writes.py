"""SEMANTICS §7: what the stream says of a write."""

from __future__ import annotations

from typing import Any

from tests.conformance.rules import ABSENT, Grade, WriteRule

OLD, NEW = {"id": {"S": "a"}, "v": {"N": "1"}}, {"id": {"S": "a"}, "v": {"N": "2"}}
PUT_OLD, PUT_NEW = ("put", {"id": "a", "v": 1}), ("put", {"id": "a", "v": 2})

_EVENTS: dict[str, tuple[tuple[tuple[Any, ...], ...], Any, Any]] = {
    "INSERT": ((PUT_NEW,), NEW, ABSENT),
    "MODIFY": ((PUT_OLD, PUT_NEW), NEW, OLD),
    "REMOVE": ((PUT_OLD, ("delete", "a")), ABSENT, OLD),
}

_SAYS = {
    "INSERT": "An INSERT has the keys and the new image",
    "MODIFY": "A MODIFY has the keys and both images",
    "REMOVE": "A REMOVE has the keys and the old image",
}

VIEWS = [
    WriteRule(
        section=7,
        grade="O",
        says=f"{_SAYS[name]}, as far as a stream of {view_type} goes",
        view_type=view_type,
        writes=writes,
        record={
            "eventName": name,
            "dynamodb.Keys": {"id": {"S": "a"}},
            "dynamodb.NewImage": new if view_type in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES") else ABSENT,
            "dynamodb.OldImage": old if view_type in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES") else ABSENT,
            "dynamodb.StreamViewType": view_type,
        },
    )
    for view_type in ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
    for name, (writes, new, old) in _EVENTS.items()
]

TOP = ["eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN"]
TAIL = ["SequenceNumber", "SizeBytes", "StreamViewType"]
HEAD = ["ApproximateCreationDateTime", "Keys"]

SHAPES = [
    WriteRule(
        section=7,
        grade="O",
        says="A record has its members in this order, here with both images",
        writes=(PUT_OLD, PUT_NEW),
        record={"keys": TOP, "dynamodb.keys": [*HEAD, "NewImage", "OldImage", *TAIL]},
    ),
    WriteRule(
        section=7,
        grade="O",
        says="An image that is absent is an absent member, not null",
        writes=(PUT_NEW,),
        view_type="KEYS_ONLY",
        record={"keys": TOP, "dynamodb.keys": [*HEAD, *TAIL]},
    ),
    WriteRule(
        section=7,
        grade="O",
        says="A record has the version 1.1 and the source aws:dynamodb",
        writes=(PUT_NEW,),
        record={"eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1"},
    ),
    WriteRule(
        section=7,
        grade="O",
        says="An eventID has 32 hexadecimal digits, a sequence number 21 to 40 digits",
        writes=(PUT_NEW,),
        record={"eventID": "~[0-9a-f]{32}", "dynamodb.SequenceNumber": "~[0-9]{21,40}"},
    ),
    WriteRule(
        section=7,
        grade="O",
        says="The creation time is a float of whole seconds",
        writes=(PUT_NEW,),
        record={"dynamodb.ApproximateCreationDateTime": 1767225600.0},
    ),
    WriteRule(
        section=7,
        grade="O",
        says="Binary values are base64 text",
        writes=(("put", {"id": b"\x00\x01", "b": b"\xff"}),),
        record={"dynamodb.Keys": {"id": {"B": "AAE="}}, "dynamodb.NewImage": {"id": {"B": "AAE="}, "b": {"B": "/w=="}}},
    ),
    WriteRule(
        section=7,
        grade="O",
        says="Keys has both keys, the partition key first",
        key=("pk", "sk"),
        writes=(("put", {"v": 1, "sk": 2, "pk": "a"}),),
        record={"dynamodb.Keys.keys": ["pk", "sk"]},
    ),
    WriteRule(
        section=7,
        grade="D",
        says="A deletion by TTL is a REMOVE that names the service, between dynamodb and the stream's ARN",
        writes=(PUT_OLD, ("expire", "a")),
        record={
            "eventName": "REMOVE",
            "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
            "keys": [*TOP[:-1], "userIdentity", TOP[-1]],
            "dynamodb.OldImage": OLD,
        },
    ),
    WriteRule(
        section=7,
        grade="D",
        says="A deletion by a user names nobody",
        writes=(PUT_OLD, ("delete", "a")),
        record={"eventName": "REMOVE", "userIdentity": ABSENT},
    ),
]


def _nothing(says: str, *writes: tuple[Any, ...]) -> WriteRule:
    return WriteRule(section=7, grade="O", says=says, writes=writes, record=None)


NOTHING = [
    _nothing("Putting the same item again makes no record", PUT_OLD, PUT_OLD),
    _nothing("Putting the same attributes in another order makes no record", PUT_OLD, ("put", {"v": 1, "id": "a"})),
    _nothing("Putting the same number, written otherwise, makes no record", PUT_OLD, ("put", {"id": "a", "v": 1.0})),
    _nothing("An update to the values that are there makes no record", PUT_OLD, ("update", "a", {"v": 1})),
    _nothing("An update of nothing makes no record", PUT_OLD, ("update", "a", {})),
    _nothing("Deleting what is not there makes no record", ("delete", "a")),
    _nothing("Deleting an item twice makes no second record", PUT_OLD, ("delete", "a"), ("delete", "a")),
    _nothing("Expiring what is not there makes no record", ("expire", "a")),
]


def _size(size: int, says: str, *writes: tuple[Any, ...], grade: Grade = "O", **more: Any) -> WriteRule:
    return WriteRule(section=7, grade=grade, says=says, writes=writes, record={"dynamodb.SizeBytes": size}, **more)


_INFERRED: dict[str, Any] = {"grade": "I", "choice": "the rules of item sizes"}

# The six samples that SEMANTICS spells out, and the three of the event in AWS's documentation.
SIZES = [
    _size(20, "SizeBytes of a new item counts its keys twice: as Keys and in the image", ("put", {"id": "id_value"})),
    _size(32, "SizeBytes counts names and texts in UTF-8 bytes", ("put", {"id": "id_value", "id2": "id2_value"})),
    _size(
        46,
        "SizeBytes of a change counts both images",
        ("put", {"id": "id_value"}),
        ("put", {"id": "id_value", "id2": "id2_new_value"}),
    ),
    _size(
        39,
        "SizeBytes counts half a byte per significant digit of a number, and one",
        ("put", {"id": "id_value_1", "numericFilter": 42}),
    ),
    _size(
        70,
        "SizeBytes counts the bytes of a binary value",
        ("put", {"my_partition_key": "hello world", "binary_key": b"sixby6"}),
        key="my_partition_key",
    ),
    _size(
        58,
        "SizeBytes counts a boolean as 1",
        ("put", {"my_partition_key": "testId0", "should_fail": True}),
        key="my_partition_key",
    ),
    _size(
        26,
        "SizeBytes of the INSERT in AWS's documentation is 26",
        ("put", {"Id": 101, "Message": "New item!"}),
        grade="D",
        key="Id",
    ),
    _size(
        59,
        "SizeBytes of the MODIFY in AWS's documentation is 59",
        ("put", {"Id": 101, "Message": "New item!"}),
        ("put", {"Id": 101, "Message": "This item has changed"}),
        grade="D",
        key="Id",
    ),
    _size(
        38,
        "SizeBytes of the REMOVE in AWS's documentation is 38",
        ("put", {"Id": 101, "Message": "This item has changed"}),
        ("delete", 101),
        grade="D",
        key="Id",
    ),
    _size(10, "SizeBytes of a negative number is a byte more", ("put", {"id": "a", "v": -12}), **_INFERRED),
    _size(10, "SizeBytes counts numbers by their significant digits", ("put", {"id": "a", "v": 1230000}), **_INFERRED),
    _size(8, "SizeBytes counts null as 1", ("put", {"id": "a", "v": None}), **_INFERRED),
    _size(15, "SizeBytes of a list is 3 and 1 per element", ("put", {"id": "a", "v": ["x", "yz"]}), **_INFERRED),
    _size(14, "SizeBytes of a map is 3 and 1 per member", ("put", {"id": "a", "v": {"k": "xy"}}), **_INFERRED),
    _size(10, "SizeBytes counts UTF-8 bytes, not characters", ("put", {"id": "a", "v": "€"}), **_INFERRED),
]

WRITES = [*VIEWS, *SHAPES, *NOTHING, *SIZES]
