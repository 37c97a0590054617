"""What `streamkit export cli` writes, run by a shell with the real AWS CLI against everything there is of AWS here."""

from __future__ import annotations

import json
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

from streamkit import EventSourceMapping
from streamkit.deployment.exporting import export
from streamkit.deployment.permissions import statements_for
from tests.api.outside.mapped import Mappings
from tests.api.outside.serving import eventually
from tests.deployment.exporting.mappings import HOSTILE
from tests.parts.dynamodblocal import client_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.outside.serving import Around, Server
    from tests.parts.fixtures import MotoServer

TABLE, ROLE, FUNCTION = "exported", "exported-role", "my-function"
# A pattern that every new item matches, and one of texts that are hostile to whoever quotes them.
PATTERNS = (json.dumps({"eventName": ["INSERT"]}), json.dumps({"dynamodb": {"NewImage": {"a": {"S": [*HOSTILE]}}}}))


def test_a_mapping_is_made_read_back_and_changed_by_exported_scripts(
    around: Around, server: Server, moto_session: MotoServer, aws: tuple[str, ...], tmp_path: Path
) -> None:
    stream = around.table(TABLE)
    (tmp_path / "aws").write_text(f'#!/bin/sh\nexec {" ".join(aws)} "$@"\n', encoding="utf-8")
    (tmp_path / "aws").chmod(0o755)
    environment = {
        **server.environment(),
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "PYTHONUTF8": "1",
        "AWS_ENDPOINT_URL_LAMBDA": server.url,
        "AWS_ENDPOINT_URL_IAM": moto_session.endpoint_url,
        "ROLE_NAME": ROLE,
    }

    def run(text: str) -> str:
        done = subprocess.run(  # noqa: S603  # what we wrote
            ["/bin/sh", "-c", text], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    wanted = EventSourceMapping(
        function_name=FUNCTION,
        starting_position="TRIM_HORIZON",
        batch_size=7,
        maximum_retry_attempts=3,
        filter_criteria={"Filters": [{"Pattern": pattern} for pattern in PATTERNS]},
        tags={f"t{number}": text for number, text in enumerate(HOSTILE[:50])},  # no mapping has more
    )
    with (
        closing(client_of("iam", moto_session.endpoint_url, "testing")) as iam,
        Mappings(server) as mappings,
    ):
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
        uuid = json.loads(run(export("cli", wanted, table_name=TABLE)))["UUID"]
        answer = mappings.settled(uuid)
        assert answer["State"] == "Enabled"
        known = {"event_source_arn": stream, "function_name": None, "tags": None}
        assert _settings(answer) == {**wanted.model_copy(update=known).settings()}
        policy = iam.get_role_policy(RoleName=ROLE, PolicyName="MyFunctionStreamPolicy")["PolicyDocument"]
        assert [(one["Action"], one["Resource"]) for one in policy["Statement"]] == [
            ([*one.actions], [*one.resources]) for one in statements_for(wanted, stream)
        ]
        around.put(TABLE, 1, 2)
        eventually(lambda: server.numbers(FUNCTION, TABLE), lambda seen: seen == [1, 2])

        changed = EventSourceMapping(uuid=uuid, batch_size=9, bisect_batch_on_function_error=True)
        run(export("cli", changed, table_name=TABLE, update=True))
        answer = mappings.settled(uuid)
        kept = {"event_source_arn": stream, "starting_position": "TRIM_HORIZON"}
        assert _settings(answer) == changed.model_copy(update=kept).settings()


def _settings(answer: dict[str, object]) -> dict[str, object]:
    """Return the settings of an answer, but for the function, which it has by its ARN."""
    return EventSourceMapping.model_validate(answer).model_copy(update={"function_name": None}).settings()
