"""``--on-failure``: which destination a run gets, and what is said about it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from streamkit.cli.errors import BadInput
from streamkit.cli.onfailure import on_failure_option, resolve_on_failure
from streamkit.local import LocalRunner
from streamkit.local.aws import AwsAccess
from streamkit.local.destinations.bucket import S3Destination
from streamkit.local.destinations.directory import DirectoryDestination
from streamkit.local.destinations.queue import QueueDestination
from streamkit.mapping import EventSourceMapping
from tests.local.builders import Failing, table_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts.fixtures import MotoServer

QUEUE = "arn:aws:sqs:us-east-1:123456789012:failed"
PRODUCTION = EventSourceMapping.model_validate(
    {"BatchSize": 7, "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sns:eu-west-1:123456789012:oncall"}}}
)


class NoAccess(AwsAccess):
    """Who may ask nobody."""

    def client(self, service: str, region: str | None = None, *, read_timeout: float = 20.0) -> Any:
        raise AssertionError((service, region, read_timeout))


def test_the_option_is_passed_on_as_it_is_given() -> None:
    @click.command()
    @on_failure_option
    def command(on_failure: str | None) -> None:
        click.echo(repr(on_failure))

    assert CliRunner().invoke(command, ["--on-failure", "failed"]).stdout == "'failed'\n"
    assert CliRunner().invoke(command).stdout == "None\n"


def test_an_arn_becomes_the_mappings_own_so_that_records_have_its_form(moto_server: MotoServer) -> None:
    with closing(moto_server.client("sqs")) as sqs, closing(moto_server.client("s3")) as s3:
        sqs.create_queue(QueueName="failed")
        s3.create_bucket(Bucket="failed")
    queue, mapping, note = resolve_on_failure(QUEUE, PRODUCTION, AwsAccess(region="us-east-1"))
    assert isinstance(queue, QueueDestination)
    assert (mapping.on_failure_destination, mapping.batch_size, note) == (QUEUE, 7, None)
    bucket, mapping, _ = resolve_on_failure("arn:aws:s3:::failed", EventSourceMapping(), AwsAccess())
    assert isinstance(bucket, S3Destination)
    LocalRunner(Failing({1: None}), table_of(1), mapping, destination=bucket)


def test_anything_else_is_a_folder_and_the_mapping_stays(tmp_path: Path) -> None:
    destination, mapping, note = resolve_on_failure(str(tmp_path / "failed"), PRODUCTION, NoAccess())
    assert isinstance(destination, DirectoryDestination)
    assert destination.path == tmp_path / "failed"
    assert (mapping, note) == (PRODUCTION, None)


def test_production_is_not_touched_by_a_run_that_did_not_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    destination, mapping, note = resolve_on_failure(None, PRODUCTION, NoAccess())
    assert isinstance(destination, DirectoryDestination)
    assert mapping is PRODUCTION
    assert note == (
        "the mapping's on-failure destination arn:aws:sns:eu-west-1:123456789012:oncall is left alone: on-failure "
        "records go to the folder streamkit-failures; "
        "--on-failure arn:aws:sns:eu-west-1:123456789012:oncall sends them there"
    )
    LocalRunner(Failing({1: 1}), table_of(1), {"MaximumRetryAttempts": 0}, destination=destination).run()
    assert len(list((tmp_path / "streamkit-failures").iterdir())) == 1


def test_without_any_destination_records_are_dropped_as_on_aws() -> None:
    mapping = EventSourceMapping()
    assert resolve_on_failure(None, mapping, NoAccess()) == (None, mapping, None)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("arn:aws:sqs:us-east-1:123456789012:failed.fifo", "--on-failure: arn:aws:sqs:.* is a FIFO one"),
        ("arn:aws:lambda:us-east-1:123456789012:function:x", "--on-failure: .* is not the ARN of a destination"),
        ("s3://failed/orders", r"--on-failure: s3://failed/orders is neither .* like arn:aws:s3:::failed$"),
        ("https://sqs.us-east-1.amazonaws.com/1/x", r"neither an ARN nor a folder: .* like arn:aws:sqs:REGION"),
        ("", "--on-failure: a directory for on-failure records needs a name"),
    ],
)
def test_what_takes_no_records_is_refused_before_anything_runs(value: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        resolve_on_failure(value, EventSourceMapping(), NoAccess())


@pytest.mark.usefixtures("moto_server")
def test_a_queue_that_is_not_there_is_refused_before_anything_runs() -> None:
    with pytest.raises(BadInput, match=rf"--on-failure: looking up the queue {QUEUE} at .* was refused"):
        resolve_on_failure(QUEUE, EventSourceMapping(), AwsAccess())


def test_a_folder_that_cannot_be_is_refused_even_where_nobody_asked_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "streamkit-failures").write_text("")
    with pytest.raises(BadInput, match="streamkit-failures is no directory"):
        resolve_on_failure(None, PRODUCTION, NoAccess())
