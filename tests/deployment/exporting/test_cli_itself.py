"""The script before the real AWS CLI: what it sends to AWS is the mapping, and the policy."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from streamkit.deployment.exporting import export
from streamkit.deployment.permissions import statements_for
from tests.deployment.exporting.mappings import EVERY_SETTING, HOSTILE, STREAM, made
from tests.parts.awscli import aws_command
from tests.parts.dynamodblocal import credentials
from tests.parts.needs import MissingPartError, missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"
MAPPINGS = "/2015-03-31/event-source-mappings"
PUT = "<PutRolePolicyResponse><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PutRolePolicyResponse>"


@contextmanager
def aws() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Serve what answers any request as AWS would if all was well; give its address, and what it was sent."""
    sent: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent.append((f"{self.command} {self.path}", body))
            answer = b"{}" if self.path.startswith(MAPPINGS) else PUT.encode()
            self.send_response(202 if answer == b"{}" else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_PUT = answer  # noqa: N815  # http.server's names

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", sent
    server.shutdown()
    thread.join()
    server.server_close()


def run(text: str, folder: Path, variables: Mapping[str, str]) -> list[tuple[str, str]]:
    """Run a script with the real CLI, and return what it sent."""
    try:
        command = aws_command()
    except MissingPartError as error:
        missing(error)
    program = folder / "aws"
    program.write_text(f'#!/bin/sh\nexec {" ".join(command)} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    with aws() as (address, sent):
        done = subprocess.run(  # noqa: S603  # our own script
            ["/bin/sh", "-c", text],
            env={
                **credentials("nobody"),
                "PATH": f"{folder}{os.pathsep}{os.defpath}",
                "AWS_ENDPOINT_URL": address,
                "PYTHONUTF8": "1",
                **variables,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return sent


# Two starts of the AWS CLI each, of a second or more.
@pytest.mark.parametrize("update", [False, True])
def test_what_the_real_cli_sends_is_the_mapping_and_the_policy(tmp_path: Path, update: bool) -> None:
    patterns = [{"Pattern": json.dumps({"a": [*HOSTILE]}, ensure_ascii=escaped)} for escaped in (False, True)]
    tags = {f"t{number}": one for number, one in enumerate(HOSTILE)}
    mapping = made({**EVERY_SETTING, "event_source_arn": None, "filter_criteria": {"Filters": patterns}, "tags": tags})
    text = export("cli", mapping.model_copy(update={"uuid": UUID if update else None}), update=update)
    put, changed = run(text, tmp_path, {"ROLE_NAME": "role", "STREAM_ARN": STREAM})
    policy = parse_qs(put[1])
    assert (policy["Action"], policy["RoleName"]) == (["PutRolePolicy"], ["role"])
    statements = json.loads(policy["PolicyDocument"][0])["Statement"]
    assert [(one["Action"], one["Resource"]) for one in statements] == [
        ([*one.actions], [*one.resources]) for one in statements_for(mapping, STREAM)
    ]
    assert changed[0] == (f"PUT {MAPPINGS}/{UUID}" if update else f"POST {MAPPINGS}")
    unsaid = {"starting_position": None, "tags": None} if update else {"event_source_arn": STREAM}
    assert made(json.loads(changed[1])) == made({**mapping.settings(), **unsaid})
