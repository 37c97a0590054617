"""``check_deployment``: a test that what is deployed fits the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.testing import Finding, TemplateError, check_deployment
from tests.deployment.checking import app
from tests.deployment.checking.deployments import SOUND

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATES = Path(__file__).parents[1] / "data" / "templates"
CLEAN = TEMPLATES / "clean" / "sam" / "as-it-should-be.orders.yaml"
SILENT = TEMPLATES / "planted" / "sam" / "failures-not-reported.orders.yaml"
POISON = TEMPLATES / "planted" / "terraform" / "poison-record-blocks.orders.json"


@pytest.mark.parametrize("template", [CLEAN, str(CLEAN), SOUND | {"UUID": "14e0db71"}])
def test_what_fits_passes_without_a_word(template: str | Path | Mapping[str, Any]) -> None:
    assert check_deployment(app.orders, template) == []


def test_what_does_not_fit_is_a_failed_assertion_that_says_what_to_change() -> None:
    with pytest.raises(AssertionError) as caught:
        check_deployment(app.orders, SILENT)
    told = str(caught.value)
    assert f"error[failures-not-reported] {SILENT}:" in told
    assert "\n    FunctionResponseTypes: [ReportBatchItemFailures]\n" in told
    assert told.endswith("1 error, 0 warnings: what is deployed does not fit the code")


def test_warnings_are_returned_unless_they_count() -> None:
    (warning,) = check_deployment(app.orders, POISON)
    assert isinstance(warning, Finding)
    assert (warning.rule, warning.severity) == ("poison-record-blocks", "warning")
    assert warning.place.path == "aws_lambda_event_source_mapping.orders"
    with pytest.raises(AssertionError, match="poison-record-blocks"):
        check_deployment(app.orders, POISON, strict=True)


def test_rules_can_be_ignored() -> None:
    assert check_deployment(app.orders, SILENT, ignore=["failures-not-reported"]) == []
    with pytest.raises(ValueError, match="there is no rule 'silence' to ignore"):
        check_deployment(app.orders, SILENT, ignore=["silence"])


def test_without_a_template_the_handlers_own_settings_are_looked_at() -> None:
    assert [one.rule for one in check_deployment(app.exact)] == ["discarded-without-trace"]
    assert check_deployment(app.exact)[0].mapping == f"{app.__name__}:exact"


def test_a_handler_may_have_another_name_on_lambda() -> None:
    with pytest.raises(AssertionError, match=r"the Handler of OrdersFunction is src/app.orders, and not lib:orders"):
        check_deployment(app.orders, CLEAN, name="lib.orders")
    assert check_deployment(app.orders, CLEAN, name="src.app:orders") == []


def test_a_function_and_parameters_are_passed_on(tmp_path: Path) -> None:
    text = CLEAN.read_text().replace("BatchSize: 10", "BatchSize: !Ref Size")
    function = text.partition("  OrdersFunction:")[2].replace(".orders\n", ".placed\n")
    two = tmp_path / "two.yaml"
    two.write_text(f"Parameters: {{Size: {{Type: Number}}}}\n{text}  Placed:{function}")
    assert check_deployment(app.placed, two) == []
    with pytest.raises(AssertionError, match="BatchSize takes 1 to 10000"):
        check_deployment(app.placed, two, function="Placed", parameters={"Size": "0"})


def test_what_is_no_deployment_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(json.dumps([1]))
    for template in (tmp_path / "list.json", tmp_path / "nothing.yaml"):
        with pytest.raises(TemplateError, match=template.name):
            check_deployment(app.orders, template)
    with pytest.raises(TemplateError, match="the mapping has no mapping on a DynamoDB stream"):
        check_deployment(app.orders, {"EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:orders"})
