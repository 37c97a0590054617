"""The AWS CLI's commands: what a shell makes of them, and what Lambda's API would be sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.loaders import Loader
from hypothesis import given, settings
from hypothesis import strategies as st

from streamkit.deployment.exporting import export
from streamkit.deployment.permissions import STREAM as UNKNOWN
from streamkit.deployment.permissions import statements_for
from tests.deployment.exporting.mappings import DESTINATIONS, FUNCTIONS, HOSTILE, KEY, STREAM, TEXTS, made, mappings
from tests.deployment.exporting.reading import alike

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamkit import EventSourceMapping

# An aws that writes down what it is given and answers what describe-table --query does.
AWS = f"""#!{sys.executable}
import json, os, sys
with open(os.environ["NOTED"], "a", encoding="utf-8") as noted:
    noted.write(json.dumps(sys.argv[1:]) + "\\n")
if "describe-table" in sys.argv:
    print(os.environ["ANSWER"])
"""
UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"
LIKE_A_TEMPLATE = """\
#!/bin/sh
# The event source mapping of shop.app.handler, as streamkit export cli writes it.
set -eu

: "${ROLE_NAME:?the name of the execution role of the function}"
: "${STREAM_ARN:?the ARN of the stream}"

aws iam put-role-policy \\
    --role-name "$ROLE_NAME" \\
    --policy-name OrdersStreamPolicy \\
    --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator"
      ],
      "Resource": [
        "'"$STREAM_ARN"'"
      ]
    },
    {
      "Effect": "Allow",
      "Action": [
        "dynamodb:ListStreams"
      ],
      "Resource": [
        "'"${STREAM_ARN%/stream/*}/stream/*"'"
      ]
    }
  ]
}'

aws lambda create-event-source-mapping \\
    --function-name orders \\
    --event-source-arn "$STREAM_ARN" \\
    --starting-position LATEST \\
    --batch-size 10 \\
    --filter-criteria '{"Filters": [{"Pattern": "{\\"a\\": [\\"it'"'"'s\\"]}"}]}'
"""


def run(text: str, **variables: str) -> tuple[int, list[list[str]], str]:
    """Run a script with an ``aws`` that only notes; return the exit code, what was noted and what was complained of."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "aws").write_text(AWS, encoding="utf-8")
        (folder / "aws").chmod(0o755)
        (folder / "script").write_bytes(text.encode())
        done = subprocess.run(  # noqa: S603  # our own script, and an aws that does nothing
            ["/bin/sh", str(folder / "script")],
            env={
                "PATH": f"{folder}{os.pathsep}{os.defpath}",
                "NOTED": str(folder / "noted"),
                "PYTHONUTF8": "1",
                **variables,
            },
            capture_output=True,
            check=False,
        )
        noted = folder / "noted"
        lines = noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []
        return done.returncode, [json.loads(line) for line in lines], done.stderr.decode()


def commands(text: str, **variables: str) -> dict[str, dict[str, str]]:
    """Return the options of each command that a script runs, by the command."""
    code, noted, complaint = run(text, **{"ROLE_NAME": "role", **variables})
    assert (code, complaint) == (0, "")
    return {" ".join(one[:2]): _options(one[2:]) for one in noted}


def _options(arguments: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        name = rest.pop(0)
        assert name.startswith("--")
        found[name] = rest.pop(0) if rest and not rest[0].startswith("--") else ""
    return found


@cache
def _service() -> Any:
    """Return botocore's description of Lambda's API."""
    model = import_module("botocore.model")
    return model.ServiceModel(Loader().load_service_model("lambda", "service-2"))


_TEXTS = ("EventSourceArn", "FunctionName", "KMSKeyArn", "StartingPosition", "UUID")


def request_of(options: Mapping[str, str], operation: str) -> dict[str, Any]:
    """Return what the API is sent for the options, by botocore's own description of it, which has to find it valid."""
    shape = _service().operation_model(operation).input_shape
    names = import_module("botocore")
    members = {names.xform_name(name, "-"): name for name in shape.members}
    request: dict[str, Any] = {}
    for option, value in options.items():
        flag = option.removeprefix("--")
        off = flag.startswith("no-") and flag not in members
        name = members[flag.removeprefix("no-") if off else flag]
        if shape.members[name].type_name == "boolean":
            request[name] = not off
        elif value == "ReportBatchItemFailures":
            request[name] = [value]
        else:
            request[name] = value if name in _TEXTS else json.loads(value)
    validator = import_module("botocore.validate").ParamValidator()
    assert validator.validate(request, shape).generate_report() == ""
    return request


@settings(max_examples=25)
@given(mapping=mappings(TEXTS, FUNCTIONS), everything=st.booleans())
def test_what_lambda_is_sent_is_the_mapping(mapping: EventSourceMapping, everything: bool) -> None:
    asked = {"STREAM_ARN": STREAM, "FUNCTION_NAME": "other", "STARTING_POSITION": "LATEST"}
    sent = commands(export("cli", mapping, everything=everything), **asked)["lambda create-event-source-mapping"]
    given_for_nothing = {
        "event_source_arn": mapping.event_source_arn or STREAM,
        "function_name": mapping.function_name or "other",
        "starting_position": mapping.starting_position or "LATEST",
    }
    wanted = made({**mapping.settings(), **given_for_nothing})
    assert alike(made(request_of(sent, "CreateEventSourceMapping")), wanted)


def test_every_hostile_text_gets_through_a_shell() -> None:
    # One of NUL, which no argument of a program has, is in JSON an escape.
    mapping = made(
        {
            "tags": {f"t{one}": one for one in HOSTILE},
            "filter_criteria": {"Filters": [{"Pattern": json.dumps({"a": [*HOSTILE]}, ensure_ascii=False)}]},
            **WHERE,
        }
    )
    sent = commands(export("cli", mapping))["lambda create-event-source-mapping"]
    assert made(request_of(sent, "CreateEventSourceMapping")) == mapping


WHERE = {"event_source_arn": STREAM, "function_name": "orders", "starting_position": "LATEST"}


@settings(max_examples=10)
@given(mapping=mappings(TEXTS, FUNCTIONS))
def test_an_update_sets_everything_that_can_be_set(mapping: EventSourceMapping) -> None:
    text = export("cli", mapping.model_copy(update={"uuid": UUID}), update=True)
    sent = commands(text, STREAM_ARN=STREAM)["lambda update-event-source-mapping"]
    request = request_of(sent, "UpdateEventSourceMapping")
    assert request.pop("UUID") == UUID
    # Of these an update says nothing, and everything else is as if the mapping were made anew.
    unsaid = {"event_source_arn": None, "starting_position": None, "tags": None}
    assert alike(made(request), made({**mapping.settings(), **unsaid}))
    cleared = {"DestinationConfig", "FilterCriteria", "FunctionResponseTypes", "MetricsConfig", "BatchSize", "Enabled"}
    assert cleared <= request.keys()


def test_a_cleared_setting_is_cleared_as_lambda_has_it() -> None:
    sent = commands(export("cli", made({}), update=True), STREAM_ARN=STREAM, UUID=UUID)
    request = request_of(sent["lambda update-event-source-mapping"], "UpdateEventSourceMapping")
    assert request["UUID"] == UUID
    assert request["DestinationConfig"] == {"OnFailure": {"Destination": ""}}
    assert request["FilterCriteria"] == {}
    assert "FunctionName" not in request
    assert "KMSKeyArn" not in request


@pytest.mark.parametrize("destination", [*DESTINATIONS.values(), None])
@pytest.mark.parametrize("known", [False, True])
def test_the_policy_is_the_least_that_is_needed(destination: str | None, known: bool) -> None:
    config = {"OnFailure": {"Destination": destination}} if destination else {}
    mapping = made(
        {"destination_config": config, "kms_key_arn": KEY, **({"event_source_arn": STREAM} if known else {})}
    )
    asked = {} if known else {"STREAM_ARN": STREAM}
    sent = commands(export("cli", mapping), FUNCTION_NAME="f", STARTING_POSITION="LATEST", **asked)
    policy = sent["iam put-role-policy"]
    assert policy["--role-name"] == "role"
    document = json.loads(policy["--policy-document"])
    assert [(one["Action"], one["Resource"]) for one in document["Statement"]] == [
        ([*one.actions], [*one.resources]) for one in statements_for(mapping, STREAM)
    ]
    assert UNKNOWN not in [each for one in statements_for(mapping, STREAM) for each in one.resources]


@pytest.mark.parametrize("missing", ["ROLE_NAME", "FUNCTION_NAME", "STREAM_ARN", "STARTING_POSITION"])
def test_what_is_not_given_is_asked_for_before_anything_is_done(missing: str) -> None:
    asked = {"ROLE_NAME": "r", "FUNCTION_NAME": "f", "STREAM_ARN": STREAM, "STARTING_POSITION": "LATEST"}
    code, noted, complaint = run(
        export("cli", made({})), **{name: one for name, one in asked.items() if name != missing}
    )
    assert code != 0
    assert noted == []
    assert missing in complaint


def test_of_a_table_the_stream_is_looked_up() -> None:
    text = export("cli", made({"function_name": "f", "starting_position": "LATEST"}), table_name="orders")
    sent = commands(text, ANSWER=STREAM)
    assert sent["dynamodb describe-table"]["--table-name"] == "orders"
    assert sent["lambda create-event-source-mapping"]["--event-source-arn"] == STREAM


def test_a_table_without_a_stream_ends_the_script() -> None:
    text = export("cli", made({"function_name": "f", "starting_position": "LATEST"}), table_name="orders")
    code, noted, complaint = run(text, ROLE_NAME="r", ANSWER="None")
    assert code == 1
    assert [one[1] for one in noted] == ["describe-table"]
    assert complaint == "the table orders has no stream\n"


def test_a_script_reads_like_one_that_somebody_wrote() -> None:
    mapping = made(
        {
            "function_name": "orders",
            "starting_position": "LATEST",
            "batch_size": 10,
            "filter_criteria": {"Filters": [{"Pattern": '{"a": ["it\'s"]}'}]},
        }
    )
    assert export("cli", mapping, handler="shop.app.handler") == LIKE_A_TEMPLATE
