"""``streamkit check``: options, exit codes, what is printed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from tests.cli.project import Project
from tests.deployment.checking.deployments import deployed

if TYPE_CHECKING:
    from click.testing import Result

TEMPLATES = Path(__file__).parents[1] / "data" / "templates"
HANDLERS = (Path(__file__).parents[1] / "deployment" / "checking" / "app.py").read_text()
UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aws_environment: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


class Checked:
    """A project with the handlers of tests/deployment/checking, whose templates call its module by its name."""

    def __init__(self, project: Project) -> None:
        self.project = project
        project.app(f"print('imported')\n{HANDLERS.replace('from __future__ import annotations', '')}")

    def template(self, name: str) -> str:
        text = (TEMPLATES / name).read_text().replace("app.", f"{self.project.module}.")
        return self.project.write(Path(name).name, text)

    def check(self, handler: str, *options: str) -> Result:
        return self.project.call("check", f"{self.project.module}:{handler}", *options)


@pytest.fixture
def checked(project: Project) -> Checked:
    return Checked(project)


@pytest.mark.parametrize(
    ("handler", "template", "code"),
    [
        ("orders", "clean/sam/as-it-should-be.orders.yaml", 0),
        ("orders", "clean/terraform/as-it-should-be.orders.json", 0),
        ("orders", "planted/sam/failures-not-reported.orders.yaml", 1),
        ("orders", "planted/cloudformation/failures-not-reported.orders.json", 1),
        ("orders", "planted/sam/poison-record-blocks.orders.yaml", 0),
        ("orders", "planted/sam/handler-mismatch.orders.yaml", 1),
    ],
)
def test_the_exit_code_says_whether_it_fits(checked: Checked, handler: str, template: str, code: int) -> None:
    result = checked.check(handler, "--template", checked.template(template))
    assert result.exit_code == code, result.output
    rule = Path(template).name.split(".")[0]
    assert (f"[{rule}]" in result.stdout) is template.startswith("planted")
    assert "imported" not in result.stdout
    assert "imported" in result.stderr


def test_strict_lets_warnings_count(checked: Checked) -> None:
    template = checked.template("planted/sam/poison-record-blocks.orders.yaml")
    assert checked.check("orders", "--template", template, "--strict").exit_code == 1


def test_ignored_rules_do_not_count(checked: Checked) -> None:
    template = checked.template("planted/sam/failures-not-reported.orders.yaml")
    result = checked.check("orders", "--template", template, "--ignore", "failures-not-reported", "--strict")
    assert result.exit_code == 0
    assert "failures-not-reported: ignored" in result.stdout


def test_json_is_for_machines(checked: Checked) -> None:
    template = checked.template("planted/sam/failures-not-reported.orders.yaml")
    result = checked.check("orders", "--template", template, "--json")
    assert result.exit_code == 1
    data = json.loads(result.stdout)
    assert (data["ok"], [one["rule"] for one in data["findings"]]) == (False, ["failures-not-reported"])
    assert data["findings"][0]["place"]["file"] == template


def test_the_handlers_own_settings_are_looked_at_where_nothing_is_named(checked: Checked) -> None:
    result = checked.check("exact", "--strict")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{checked.project.module}:exact against {checked.project.module}.py:")
    assert "[discarded-without-trace]" in result.stdout


def test_a_mapping_is_read_from_aws_json(checked: Checked) -> None:
    answer = {
        "UUID": UUID,
        "EventSourceArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
        "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:orders",
        "State": "Disabled",
        "BatchSize": 10,
    }
    result = checked.check("orders", "--mapping", checked.project.write("mapping.json", answer), "--json")
    data = json.loads(result.stdout)
    assert {one["rule"] for one in data["findings"]} == {
        "failures-not-reported",
        "mapping-disabled",
        "poison-record-blocks",
    }
    assert all(f"--uuid {UUID}" in one["change"] for one in data["findings"])


def test_parameters_decide_what_a_template_leaves_open(checked: Checked) -> None:
    template = checked.template("clean/sam/as-it-should-be.orders.yaml")
    text = Path(template).read_text().replace("BatchSize: 10", "BatchSize: !Ref Size")
    with_parameter = text.replace("Resources:", "Parameters:\n  Size: {Type: Number, Default: 10}\nResources:")
    checked.project.write("open.yaml", with_parameter)
    assert "Size is the default of the parameter Size" not in checked.check("orders", "--template", template).stdout
    assert "BatchSize is the default" in checked.check("orders", "--template", "open.yaml").stdout
    result = checked.check("orders", "--template", "open.yaml", "--parameter", "Size=10001")
    assert "[setting-refused]" in result.stdout


def test_a_function_is_chosen_among_several(checked: Checked) -> None:
    one = Path(checked.template("clean/sam/as-it-should-be.orders.yaml")).read_text()
    function = one.partition("  OrdersFunction:")[2].replace(".orders\n", ".other\n")
    checked.project.write("two.yaml", f"{one}  Second:{function}")
    assert checked.check("orders", "--template", "two.yaml").exit_code == 0
    chosen = checked.check("orders", "--template", "two.yaml", "--function", "Second")
    assert chosen.exit_code == 1
    assert "[handler-mismatch]" in chosen.stdout
    assert checked.check("placed", "--template", "two.yaml").exit_code == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--template", "nothing.yaml"), "nothing.yaml"),
        (("--template", "events.jsonl"), "events.jsonl"),
        (("--mapping", "queue.json"), "queue.json has no mapping on a DynamoDB stream"),
        (("--template", "a", "--mapping", "b"), "--template and --mapping are different deployments"),
        (("--template", "a", "--deployed", UUID), "--template and --deployed are different deployments"),
        (("--function", "a"), "--function chooses among the mappings of --template FILE"),
        (("--parameter", "a=b"), "--parameter is for the parameters of --template FILE"),
        (("--template", "a", "--parameter", "Stage"), "--parameter Stage: expected NAME=VALUE"),
        (("--template", "a", "--parameter", "=prod"), "--parameter =prod: expected NAME=VALUE"),
        (("--region", "eu-west-1"), "--endpoint-url, --region and --profile are for --deployed UUID"),
        (("--ignore", "everything"), "'everything' is not one of 'failures-not-reported'"),
        (
            ("--deployed", UUID, "--region", "us-east-1", "--endpoint-url", "nowhere"),
            "lambda cannot be asked: Invalid endpoint: nowhere",
        ),
    ],
)
def test_input_that_cannot_be_used_is_told_and_is_no_verdict(checked: Checked, options: Any, told: str) -> None:
    queue = {"UUID": UUID, "EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:orders"}
    checked.project.write("queue.json", queue)
    result = checked.check("orders", *options)
    assert result.exit_code == 2, result.output
    assert told in result.stderr
    assert result.stdout == ""


def test_a_module_that_is_not_there_is_told(project: Project) -> None:
    result = project.call("check", "nothing:handler")
    assert result.exit_code == 2
    assert "there is no module 'nothing'" in result.stderr


def test_a_terminal_gets_colours_and_the_same_words(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    template = checked.template("planted/sam/failures-not-reported.orders.yaml")
    plain = checked.check("orders", "--template", template).stdout
    monkeypatch.setattr("streamkit.cli.check._is_terminal", lambda: True)
    monkeypatch.setattr("streamkit.cli.check.Console", lambda: Console(force_terminal=True, width=2000))
    result = checked.check("orders", "--template", template)
    assert result.exit_code == 1
    assert "\x1b[1;31m" in result.stdout
    shown = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", result.stdout).splitlines()]
    assert shown == [line for line in plain.splitlines() if line != "  change:"]


def test_what_is_deployed_is_asked_for(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def read(uuid: str, access: Any) -> Any:
        asked.append((uuid, access.endpoint_url, access.region, access.profile))
        return deployed(UUID=uuid)

    monkeypatch.setattr("streamkit.cli.check.read_deployed", read)
    options = ("--endpoint-url", "http://127.0.0.1:1", "--region", "eu-west-1", "--profile", "mine")
    result = checked.check("orders", "--deployed", UUID, *options)
    assert result.exit_code == 0, result.output
    assert asked == [(UUID, "http://127.0.0.1:1", "eu-west-1", "mine")]
