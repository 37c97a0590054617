"""``streamkit check --deployed`` against ``streamkit serve``: what it says to write makes it fit."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

from tests.api.outside.mapped import Mappings
from tests.api.outside.serving import APP, PATIENCE, STREAMKIT, Around, Server

if TYPE_CHECKING:
    from collections.abc import Iterable


def checked(server: Server, uuid: str) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603  # our own command
        [STREAMKIT, "check", f"{APP}:revenue", "--deployed", uuid, "--endpoint-url", server.url, "--json"],
        env=server.environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["ok"] is (done.returncode == 0)
    return report


def rules(report: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in report["findings"]}


def update(report: dict[str, Any], names: Iterable[str], uuid: str) -> list[str]:
    """Return one command of all that the findings name: a process of the AWS CLI takes a second or two."""
    lines = [one["change"].splitlines() for one in report["findings"] if one["rule"] in names]
    commands = [shlex.split(line) for several in lines for line in several]
    together = ["aws", "lambda", "update-event-source-mapping", "--uuid", uuid]
    assert all(command[: len(together)] == together for command in commands)
    return [*together[1:], *(option for command in commands for option in command[len(together) :])]


def test_a_deployed_mapping_is_mended_with_the_commands_that_the_findings_name(
    around: Around, server: Server, aws: tuple[str, ...]
) -> None:
    with Mappings(server) as mappings:
        uuid = mappings.made(around.table("checked", view_type="KEYS_ONLY"), "revenue", Enabled=False)
        before = checked(server, uuid)
        faults = {"failures-not-reported", "window-missing", "poison-record-blocks", "mapping-disabled"}
        assert rules(before) == {*faults, "view-type-lacks-image"}
        # What is asked of Lambda's endpoint besides: serve has no IAM.
        assert [one["rules"] for one in before["not_checked"]] == [["stream-permission-missing"]]
        assert f"{server.url} does not answer as IAM does" in before["not_checked"][0]["why"]

        done = server.aws(aws, *update(before, faults, uuid))
        assert done.returncode == 0, done.stderr
        mappings.settled(uuid)
        after = checked(server, uuid)
        assert rules(after) == {"view-type-lacks-image", "discarded-without-trace"}
        mappings.deleted(uuid)
