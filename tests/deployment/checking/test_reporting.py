"""What a check came to: as text, as data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from streamkit.deployment.checking.check import RULES, check_mappings
from streamkit.deployment.checking.finding import Report
from streamkit.deployment.checking.handlerfacts import facts_of, name_of, own_mapping
from streamkit.deployment.checking.reporting import report_data, report_text
from streamkit.deployment.found import Unknown
from tests.deployment.checking import app
from tests.deployment.checking.deployments import check, deployed

FAULTY = deployed(BatchSize=Unknown("!Ref Size"), DestinationConfig=None, FunctionResponseTypes=None)


def test_the_text_has_a_block_for_each_finding_errors_first() -> None:
    text = report_text(check(app.orders, replace(FAULTY, notes=["Stage is the default of the parameter Stage"])))
    assert text == (
        "app:orders against template.yaml:10 Resources.Orders.Properties.Events.Stream\n"
        "\n"
        "error[failures-not-reported] template.yaml:10 Resources.Orders.Properties.Events.Stream\n"
        "  app:orders answers with the records that failed, and FunctionResponseTypes has no ReportBatchItemFailures\n"
        "  why: Lambda ignores the answer and takes every batch for handled: a record that fails is lost at its first "
        "failure, without a retry, without an on-failure record, without a trace in Lambda's metrics "
        "(SEMANTICS §4, D and O)\n"
        "  change:\n"
        "    FunctionResponseTypes: [ReportBatchItemFailures]\n"
        "\n"
        "warning[discarded-without-trace] template.yaml:10 Resources.Orders.Properties.Events.Stream\n"
        "  MaximumRetryAttempts is 3, and there is no on-failure destination\n"
        "  why: records that are given up leave no trace but a count: which ones they were cannot be told, nor can "
        "they be brought back (SEMANTICS §3, D)\n"
        "  change:\n"
        '    DestinationConfig: {"OnFailure": {"Destination": "arn:aws:sqs:REGION:ACCOUNT:QUEUE"}}\n'
        "\n"
        "not checked:\n"
        "  timeout-for-batch: BatchSize is not known here: !Ref Size\n"
        "  handler-mismatch: Handler is not known here: !Ref Handler\n"
        "\n"
        "assumed:\n"
        "  Stage is the default of the parameter Stage\n"
        "\n"
        "1 error, 1 warning: what is deployed does not fit the code"
    )


def test_several_mappings_are_told_apart() -> None:
    other = replace(FAULTY, name="Other.Stream", settings=deployed().settings)
    report = check_mappings(app.orders, [FAULTY, other], name="app:orders")
    assert {one.mapping for one in report.findings} == {"Orders.Stream"}
    text = report_text(report)
    assert text.count("app:orders against ") == 2
    assert "  Other.Stream: handler-mismatch: Handler is not known here: !Ref Handler\n" in text


def test_ignored_rules_are_told_and_find_nothing() -> None:
    report = check(app.orders, FAULTY, ignore=["discarded-without-trace", "failures-not-reported"])
    assert report.findings == []
    assert "  failures-not-reported, discarded-without-trace: ignored\n" in report_text(report)
    assert report_text(report).endswith("nothing was found: what is deployed fits the code, as far as it was checked")


def test_warnings_are_no_misfit_unless_they_count() -> None:
    report = check(app.orders, deployed(DestinationConfig=None))
    assert (report.fits(), report.fits(strict=True)) == (True, False)
    assert report_text(report).endswith("0 errors, 1 warning: what is deployed fits the code")
    assert report_text(report, strict=True).endswith("0 errors, 1 warning: what is deployed does not fit the code")


def test_a_report_without_anything_is_short() -> None:
    assert report_text(Report("app:orders", [])) == (
        "\nnothing was found: what is deployed fits the code, as far as it was checked"
    )


def test_the_data_are_json_of_a_documented_form() -> None:
    data = json.loads(json.dumps(report_data(check(app.orders, FAULTY, ignore=["mapping-disabled"]))))
    assert list(data) == [
        "version",
        "handler",
        "ok",
        "errors",
        "warnings",
        "mappings",
        "findings",
        "not_checked",
        "assumed",
        "ignored",
    ]
    place = {"file": "template.yaml", "path": "Resources.Orders.Properties.Events.Stream", "line": 10}
    assert (data["version"], data["handler"], data["ok"]) == (1, "app:orders", False)
    assert (data["errors"], data["warnings"], data["ignored"]) == (1, 1, ["mapping-disabled"])
    assert data["mappings"] == [{"name": "Orders.Stream", "place": place}]
    assert list(data["findings"][0]) == ["rule", "severity", "mapping", "place", "what", "why", "change", "source"]
    assert data["findings"][0]["place"] == place
    assert data["not_checked"][0] == {
        "mapping": "Orders.Stream",
        "rules": ["timeout-for-batch"],
        "why": "BatchSize is not known here: !Ref Size",
    }


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "failure-not-reported",
            "there is no rule 'failure-not-reported' to ignore: did you mean failures-not-reported?",
        ),
        ("all", "there is no rule 'all' to ignore: the rules are failures-not-reported, "),
    ],
)
def test_a_rule_that_there_is_not_cannot_be_ignored(name: str, told: str) -> None:
    with pytest.raises(ValueError, match="to ignore") as caught:
        check(app.orders, deployed(), ignore=[name])
    assert str(caught.value).startswith(told)


def test_rules_have_names_of_their_own_in_kebab_case() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalpha() and name.islower() for name in names)


def test_a_handler_is_called_by_its_module_where_nobody_says_more() -> None:
    assert name_of(app.orders) == "tests.deployment.checking.app:orders"
    assert name_of(app.as_object) == "tests.deployment.checking.app:Callable"


def test_a_handlers_own_mapping_stands_at_its_decorator(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Path(app.__file__)
    own = own_mapping(facts_of(app.exact, "app:exact"))
    assert own.settings == {
        "BatchSize": 10,
        "BisectBatchOnFunctionError": True,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumRetryAttempts": 3,
        "StartingPosition": "LATEST",
        "Tags": {"team": "orders"},
    }
    line = own.place.line
    assert line is not None
    assert here.read_text().splitlines()[line - 1] == "@stream_handler("
    monkeypatch.chdir(here.parent)
    assert facts_of(app.exact).place.file == "app.py"
    monkeypatch.chdir("/")
    assert Path("/", facts_of(app.exact).place.file) == here
    assert own_mapping(facts_of(app.plain)).settings == {}
    assert str(facts_of(app.as_object, "app:as_object").place) == "app app:as_object"


def test_a_handlers_own_settings_are_looked_at_without_any_deployment() -> None:
    facts = facts_of(app.exact, "app:exact")
    report = check_mappings(app.exact, [own_mapping(facts)], name="app:exact")
    assert [one.rule for one in report.findings] == ["discarded-without-trace"]
    assert {one.why for one in report.not_checked} == {
        "nothing is known here of the table",
        "nothing is known here of the function",
    }
    bare = own_mapping(facts_of(app.orders, "app:orders"))
    assert [one.rule for one in check_mappings(app.orders, [bare], name="app:orders").findings] == [
        "poison-record-blocks"
    ]
