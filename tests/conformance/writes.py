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

VIEWS = [
    WriteRule(
        section=7,
        grade="O",
        says=f"{name} in a stream of {view_type}",
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
        says="members of a record in order, both images",
        writes=(PUT_OLD, PUT_NEW),
        record={"keys": TOP, "dynamodb.keys": [*HEAD, "NewImage", "OldImage", *TAIL]},
    ),
    WriteRule(
        section=7,
        grade="O",
        says="absent images are absent members",
        writes=(PUT_NEW,),
        view_type="KEYS_ONLY",
        record={"keys": TOP, "dynamodb.keys": [*HEAD, *TAIL]},
    ),
    WriteRule(
        section=7,
        grade="O",
        says="version and source",
        writes=(PUT_NEW,),
        record={"eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1"},
    ),
    WriteRule(
        section=7,
        grade="O",
        says="eventID is 32 hexadecimal digits, a sequence number 21 to 40 digits",
        writes=(PUT_NEW,),
        record={"eventID": "~[0-9a-f]{32}", "dynamodb.SequenceNumber": "~[0-9]{21,40}"},
    ),
    WriteRule(
        section=7,
        grade="O",
        says="the creation time is a float of whole seconds",
        writes=(PUT_NEW,),
        record={"dynamodb.ApproximateCreationDateTime": 1767225600.0},
    ),
    WriteRule(
        section=7,
        grade="O",
        says="binary is base64 text",
        writes=(("put", {"id": b"\x00\x01", "b": b"\xff"}),),
        record={"dynamodb.Keys": {"id": {"B": "AAE="}}, "dynamodb.NewImage": {"id": {"B": "AAE="}, "b": {"B": "/w=="}}},
    ),
    WriteRule(
        section=7,
        grade="O",
        says="both keys are there, partition key first",
        key=("pk", "sk"),
        writes=(("put", {"v": 1, "sk": 2, "pk": "a"}),),
        record={"dynamodb.Keys.keys": ["pk", "sk"]},
    ),
    WriteRule(
        section=7,
        grade="D",
        says="a deletion by TTL names the service, between dynamodb and the stream's ARN",
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
        says="a deletion by a user names nobody",
        writes=(PUT_OLD, ("delete", "a")),
        record={"eventName": "REMOVE", "userIdentity": ABSENT},
    ),
]


def _nothing(says: str, *writes: tuple[Any, ...]) -> WriteRule:
    return WriteRule(section=7, grade="O", says=says, writes=writes, record=None)


NOTHING = [
    _nothing("the same item again makes no record", PUT_OLD, PUT_OLD),
    _nothing("the same members in another order make no record", PUT_OLD, ("put", {"v": 1, "id": "a"})),
    _nothing("the same number otherwise written makes no record", PUT_OLD, ("put", {"id": "a", "v": 1.0})),
    _nothing("an update to what it is makes no record", PUT_OLD, ("update", "a", {"v": 1})),
    _nothing("an update of nothing makes no record", PUT_OLD, ("update", "a", {})),
    _nothing("deleting what is not there makes no record", ("delete", "a")),
    _nothing("deleting it twice makes no record", PUT_OLD, ("delete", "a"), ("delete", "a")),
    _nothing("expiring what is not there makes no record", ("expire", "a")),
]


def _size(size: int, says: str, *writes: tuple[Any, ...], grade: Grade = "O", **more: Any) -> WriteRule:
    return WriteRule(section=7, grade=grade, says=says, writes=writes, record={"dynamodb.SizeBytes": size}, **more)


# The six samples that SEMANTICS spells out, and the three of the event in AWS's documentation.
SIZES = [
    _size(20, "SizeBytes of a new item", ("put", {"id": "id_value"})),
    _size(32, "SizeBytes with a second attribute", ("put", {"id": "id_value", "id2": "id2_value"})),
    _size(
        46,
        "SizeBytes of a change counts both images",
        ("put", {"id": "id_value"}),
        ("put", {"id": "id_value", "id2": "id2_new_value"}),
    ),
    _size(39, "SizeBytes with a number", ("put", {"id": "id_value_1", "numericFilter": 42})),
    _size(
        70,
        "SizeBytes with six bytes",
        ("put", {"my_partition_key": "hello world", "binary_key": b"sixby6"}),
        key="my_partition_key",
    ),
    _size(
        58,
        "SizeBytes with a boolean",
        ("put", {"my_partition_key": "testId0", "should_fail": True}),
        key="my_partition_key",
    ),
    _size(26, "SizeBytes of the documented INSERT", ("put", {"Id": 101, "Message": "New item!"}), grade="D", key="Id"),
    _size(
        59,
        "SizeBytes of the documented MODIFY",
        ("put", {"Id": 101, "Message": "New item!"}),
        ("put", {"Id": 101, "Message": "This item has changed"}),
        grade="D",
        key="Id",
    ),
    _size(
        38,
        "SizeBytes of the documented REMOVE",
        ("put", {"Id": 101, "Message": "This item has changed"}),
        ("delete", 101),
        grade="D",
        key="Id",
    ),
]

WRITES = [*VIEWS, *SHAPES, *NOTHING, *SIZES]
