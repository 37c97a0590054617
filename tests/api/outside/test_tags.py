"""Tags of mappings: ListTags, TagResource, UntagResource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.outside.mapped import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.outside.serving import Around, Server

UNKNOWN = "arn:aws:lambda:us-east-2:123456789012:event-source-mapping:00000000-0000-4000-8000-000000000000"


class Tagged:
    """A mapping that was made with tags."""

    def __init__(self, mappings: Mappings, stream: str) -> None:
        self.mappings = mappings
        self.client: Any = mappings.client
        self.uuid = mappings.made(stream, Enabled=False, Tags={"team": "orders", "cost": "42"})
        self.arn: str = mappings.get(self.uuid)["EventSourceMappingArn"]

    def tags(self) -> dict[str, str]:
        found: dict[str, str] = self.client.list_tags(Resource=self.arn)["Tags"]
        return found


@pytest.fixture(scope="module")
def tagged(server: Server, around: Around) -> Iterator[Tagged]:
    with Mappings(server) as mappings:
        yield Tagged(mappings, around.table("tagged"))


def test_tags_are_given_when_a_mapping_is_made_and_changed_later(tagged: Tagged) -> None:
    assert tagged.tags() == {"team": "orders", "cost": "42"}
    modified = tagged.mappings.get(tagged.uuid)["LastModified"]
    tagged.client.tag_resource(Resource=tagged.arn, Tags={"cost": "43", "of the": "weather, Ä/ö=+-@.:_ 東"})
    assert tagged.mappings.answers.statuses[-1] == 204
    assert tagged.mappings.answers.bodies[-1] == b""
    assert tagged.tags() == {"team": "orders", "cost": "43", "of the": "weather, Ä/ö=+-@.:_ 東"}
    tagged.client.untag_resource(Resource=tagged.arn, TagKeys=["cost", "of the", "never there"])
    assert tagged.mappings.answers.statuses[-1] == 204
    assert tagged.tags() == {"team": "orders"}
    # Tags are no setting.
    assert tagged.mappings.get(tagged.uuid)["LastModified"] == modified


def test_a_mapping_without_tags_has_an_empty_set(tagged: Tagged, around: Around) -> None:
    uuid = tagged.mappings.made(around.table("untagged"), Enabled=False)
    arn = tagged.mappings.get(uuid)["EventSourceMappingArn"]
    assert tagged.client.list_tags(Resource=arn)["Tags"] == {}


def test_tags_go_with_their_mapping(tagged: Tagged, around: Around) -> None:
    uuid = tagged.mappings.made(around.table("gone"), Enabled=False, Tags={"a": "b"})
    arn = tagged.mappings.get(uuid)["EventSourceMappingArn"]
    tagged.mappings.deleted(uuid)
    with pytest.raises(tagged.mappings.errors.ResourceNotFoundException):
        tagged.client.list_tags(Resource=arn)


@pytest.mark.parametrize(
    ("operation", "more"),
    [("list_tags", {}), ("tag_resource", {"Tags": {"a": "b"}}), ("untag_resource", {"TagKeys": ["a"]})],
)
def test_what_there_is_not_has_no_tags(operation: str, more: dict[str, Any], tagged: Tagged) -> None:
    with pytest.raises(tagged.mappings.errors.ResourceNotFoundException):
        getattr(tagged.client, operation)(Resource=UNKNOWN, **more)
    assert tagged.mappings.answers.statuses[-1] == 404


@pytest.mark.parametrize("tags", [{f"key {n}": "" for n in range(51)}, {"k" * 129: ""}, {"k": "v" * 257}, {"": "v"}])
def test_tags_that_are_too_many_or_too_long_are_refused(tags: dict[str, str], server: Server, tagged: Tagged) -> None:
    before = tagged.tags()
    with Mappings(server, checked=False) as mappings:
        with pytest.raises(mappings.errors.ClientError) as refused:
            mappings.client.tag_resource(Resource=tagged.arn, Tags=tags)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert tagged.tags() == before


def test_a_resource_that_is_no_arn_of_lambdas_is_refused(tagged: Tagged) -> None:
    with pytest.raises(tagged.mappings.errors.ClientError) as refused:
        tagged.client.list_tags(Resource="arn:aws:sqs:us-east-2:123456789012:queue")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
