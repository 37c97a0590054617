"""`streamkit tail` is killed again and again, at any moment, while a table is written to: nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.endtoend.ledger import LEDGER

if TYPE_CHECKING:
    from tests.parts.dynamodblocal import DynamoDBLocal
    from tests.parts.fixtures import StartDynamoDB

ROOT = Path(__file__).resolve().parents[2]
STREAMKIT = str(Path(sys.executable).with_name("streamkit"))
ITEMS, AT_ONCE, BATCH = 50, 25, 100


class Store:
    """A table that is written to, and a tail of its stream that is killed."""

    def __init__(self, dynamodb: DynamoDBLocal, folder: Path, *options: str) -> None:
        self.ledger = folder / "ledger.txt"
        self.written = 0
        self.starts: list[int] = []
        """How many lines the ledger had when each run began."""
        self._dynamodb = dynamodb
        self._client: Any = dynamodb.client("dynamodb")
        self._client.create_table(
            TableName="items",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self._command = [STREAMKIT, "tail", "tests.endtoend.ledger:handler", "--table", "items"]
        self._command += ["--checkpoint", str(folder / "checkpoints.db"), "--poll-interval", "0.05", *options]
        self._env = os.environ | dynamodb.environment() | {LEDGER: str(self.ledger)}

    def write(self, count: int) -> None:
        """Write so many changes, to one item after the other."""
        for first in range(self.written, self.written + count, AT_ONCE):
            puts = [
                {"PutRequest": {"Item": {"id": {"S": f"item-{n % ITEMS}"}, "n": {"N": str(n)}}}}
                for n in range(first, first + AT_ONCE)
            ]
            assert not self._client.batch_write_item(RequestItems={"items": puts})["UnprocessedItems"]
        self.written += count

    def killed_run(self, writes: int, chance: random.Random) -> None:
        """Start a tail, write, and kill it at some moment of its start, or of its work."""
        self.starts.append(len(self.lines()))
        with subprocess.Popen(  # noqa: S603  # our own command
            self._command, cwd=ROOT, env=self._env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            assert process.stderr is not None
            self.write(writes // 2)
            if chance.random() < 0.2:
                time.sleep(chance.uniform(0, 0.8))
            else:
                assert b"following" in process.stderr.readline()
                self.write(writes - writes // 2)
                time.sleep(chance.uniform(0, 0.25))
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert process.returncode == -signal.SIGKILL

    def last_run(self) -> subprocess.CompletedProcess[str]:
        self.starts.append(len(self.lines()))
        return subprocess.run(  # noqa: S603  # our own command
            [*self._command, "--until-caught-up"],
            cwd=ROOT,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def lines(self) -> list[tuple[str, int]]:
        """Return what the handler was given, in order: items and sequence numbers."""
        if not self.ledger.exists():
            return []
        pairs = (line.split() for line in self.ledger.read_text().splitlines())
        return [(item, int(number)) for item, number in pairs]

    def truth(self) -> list[tuple[str, int]]:
        """Return what is in the stream, read without streamkit."""
        with closing(self._dynamodb.client("dynamodbstreams")) as client:
            arn = client.list_streams(TableName="items")["Streams"][0]["StreamArn"]
            (shard,) = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
            iterator = client.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            found: list[tuple[str, int]] = []
            while records := (page := client.get_records(ShardIterator=iterator))["Records"]:
                data = [record["dynamodb"] for record in records]
                found += [(one["Keys"]["id"]["S"], int(one["SequenceNumber"])) for one in data]
                iterator = page["NextShardIterator"]
        return found

    def close(self) -> None:
        self._client.close()


@pytest.mark.parametrize(("kills", "writes", "lanes"), [(50, 20_000, 1), (8, 3_200, 4)])
def test_a_tail_that_is_killed_at_any_moment_loses_nothing_and_repeats_at_most_what_was_in_flight(
    start_dynamodb: StartDynamoDB, tmp_path: Path, kills: int, writes: int, lanes: int
) -> None:
    chance = random.Random(kills)  # noqa: S311  # moments, not secrets
    with closing(Store(start_dynamodb(), tmp_path, "--parallelization-factor", str(lanes))) as store:
        for _ in range(kills):
            store.killed_run(writes // kills, chance)
        store.write(writes - store.written)
        last = store.last_run()
        truth, given = store.truth(), store.lines()

    assert last.returncode == 0, last.stderr
    assert len(truth) == writes
    assert set(given) == set(truth)
    firsts = list(dict.fromkeys(given))
    for item in {item for item, _ in truth}:
        assert [number for one, number in firsts if one == item] == [number for one, number in truth if one == item]
    # What was in flight when it was killed: a batch in each lane.
    for begin, end in zip(store.starts, [*store.starts[1:], len(given)], strict=True):
        again = set(given[begin:end]) & set(given[:begin])
        assert len(again) <= BATCH * lanes
        assert len(given[begin:end]) == len(set(given[begin:end]))
    assert len(given) > len(truth), "no kill came in the middle of a batch: the test shows nothing"
