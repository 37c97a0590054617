"""A test that what is deployed fits the code."""

# pyright: strict

from pathlib import Path
from typing import Any, Literal, assert_type

from streamkit import Change, Insert, stream_handler, tumbling_window
from streamkit.testing import Finding, TemplateError, check_deployment
from tests.typing.models import Order


@stream_handler(batch_size=10)
def handler(change: Change[Order]) -> None: ...


@tumbling_window(seconds=60)
def revenue(change: Insert[Order], state: dict[str, Any]) -> dict[str, Any]:
    return state


def plain(event: dict[str, Any], context: object) -> None: ...


ANSWER = {"UUID": "14e0db71", "FunctionResponseTypes": ["ReportBatchItemFailures"], "TumblingWindowInSeconds": 60}


def any_handler_is_held_against_what_is_deployed() -> None:
    warnings = check_deployment(revenue, ANSWER)
    assert_type(warnings, list[Finding])
    for warning in warnings:
        assert_type(warning.severity, Literal["error", "warning"])
        assert_type((warning.rule, warning.what, warning.why, warning.change), tuple[str, str, str, str])
    check_deployment(plain, {"UUID": "14e0db71"}, strict=False)
    check_deployment(handler, ignore=["poison-record-blocks"], strict=True)


def a_template_is_a_file(folder: Path = Path("nowhere")) -> None:
    def found(template: str | Path) -> list[Finding]:
        try:
            return check_deployment(
                handler, template, name="app.handler", function="Orders", parameters={"Stage": "prod"}
            )
        except TemplateError as error:
            assert_type(error, TemplateError)
            return []

    assert found(folder / "template.yaml") == found("nowhere/template.yaml") == []
