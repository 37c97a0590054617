"""Each rule finds its fault, and nothing else does; and each is quiet where there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from streamkit import Change, stream_handler
from streamkit.deployment.checking.check import RULES
from streamkit.deployment.checking.subject import PYTHON_NAMES
from streamkit.deployment.exporting.errors import ExportError
from streamkit.deployment.found import FoundFunction, FoundMapping, FoundTable, Place, Statement, Unknown
from streamkit.settings import NOT_FOR_DYNAMODB
from tests.deployment.checking import app
from tests.deployment.checking.deployments import (
    SEND,
    check,
    deployed,
    filters,
    finding,
    found_by,
)
from tests.deployment.checking.faults import ANYTHING, FAULTY, QUIET


@pytest.mark.parametrize(
    ("rule", "handler", "found"), FAULTY, ids=[f"{rule}-{number}" for number, (rule, _, _) in enumerate(FAULTY)]
)
def test_a_fault_is_found_and_nothing_else(rule: str, handler: Any, found: FoundMapping) -> None:
    assert set(found_by(handler, found)) == {rule}


@pytest.mark.parametrize(("handler", "found"), [row[1:] for row in QUIET], ids=[row[0] for row in QUIET])
def test_nothing_is_found_where_nothing_is_wrong(handler: Any, found: FoundMapping) -> None:
    assert [str(one) for one in check(handler, found).findings] == []


def test_every_rule_has_a_fault_here() -> None:
    assert {rule for rule, _, _ in FAULTY} == {rule.name for rule in RULES}


@pytest.mark.parametrize(
    "handler", [app.orders, app.batch, app.revenue, app.strict_revenue, app.exact, app.named, app.careful, app.plain]
)
def test_what_is_unknown_is_never_found_and_always_told(handler: Any) -> None:
    unknown = Unknown("!Ref Something")
    found = FoundMapping(
        "Orders.Stream",
        Place("template.yaml", "Resources.Orders"),
        dict.fromkeys([*PYTHON_NAMES, *NOT_FOR_DYNAMODB], unknown),
        function=FoundFunction("Orders", Place("template.yaml", ""), unknown, unknown, None, unknown),
        table=FoundTable("Table", Place("template.yaml", ""), unknown),
    )
    report = check(handler, found)
    assert [str(one) for one in report.findings] == []
    told = {rule for one in report.not_checked for rule in one.rules}
    # What is refused by its name or form alone, and what this handler has nothing to do with.
    assert {rule.name for rule in RULES} - told <= FORMS | NOT_FOR[handler.__name__]


FORMS = {"setting-refused", "starting-position", "filter-pattern", "fifo-destination"}
_NO_MARGIN = {"timeout-within-margin", "timeout-mostly-margin"}
_STREAM = {"window-missing", "window-length"}
_WINDOW = {"window-unexpected", "filter-drops-handled", "timeout-for-batch"}
NOT_FOR: dict[str, set[str]] = {
    "orders": {*_STREAM, "setting-differs"},
    "careful": {*_STREAM, "setting-differs"},
    "exact": _STREAM,
    "named": _STREAM,
    "batch": {*_STREAM, *_NO_MARGIN, "setting-differs"},
    "revenue": {*_WINDOW, "setting-differs"},
    "strict_revenue": {*_WINDOW, *_NO_MARGIN, "failures-not-reported", "setting-differs"},
    "plain": {
        *_STREAM,
        *_NO_MARGIN,
        "window-unexpected",
        "view-type-lacks-image",
        "good-records-discarded",
        "setting-differs",
    },
}


@pytest.mark.parametrize(
    ("given", "change"),
    [
        (deployed(BatchSize=10_001), "BatchSize: 10000"),
        (deployed(MaximumRecordAgeInSeconds=30), "MaximumRecordAgeInSeconds: 60"),
        (deployed(MaximumRecordAgeInSeconds=-2), "MaximumRecordAgeInSeconds: -1"),
        (deployed(BatchSise=10), "BatchSize: 10"),
        (deployed(Frequency="hourly"), "(remove) Frequency: …"),
        (deployed(Enabled="yes"), "(remove) Enabled: …"),
    ],
)
def test_a_refused_value_is_changed_to_the_nearest_that_is_taken(given: FoundMapping, change: str) -> None:
    assert finding(app.orders, given).change == change


def test_a_finding_stands_at_its_setting_or_at_the_mapping() -> None:
    assert str(finding(app.orders, deployed(BatchSize=10_001)).place).startswith("template.yaml:12 ")
    assert str(finding(app.orders, deployed(DestinationConfig=None)).place).startswith("template.yaml:10 ")


def test_both_values_of_a_drift_are_told() -> None:
    one = finding(app.exact, deployed(StartingPosition="LATEST", BatchSize=100))
    assert one.what == "BatchSize is 100, and the decorator of app:exact says 10"
    assert one.change == "BatchSize: 10"


def test_a_drift_that_cannot_be_seen_is_told_beside_the_one_that_can() -> None:
    report = check(app.exact, deployed(StartingPosition=Unknown("!Ref Start"), BatchSize=100))
    assert [one.rule for one in report.findings] == ["setting-differs"]
    told = [one.why for one in report.not_checked if "setting-differs" in one.rules]
    assert told == ["StartingPosition is not known here: !Ref Start"]


def test_a_fault_before_an_unknown_filter_is_found_and_the_rest_told() -> None:
    given = filters('{"eventname": ["INSERT"]}', Unknown("!Ref Pattern"))
    report = check(app.orders, deployed(FilterCriteria=given))
    assert [one.rule for one in report.findings] == ["filter-never-matches"]
    assert "filter-never-matches" in [rule for one in report.not_checked for rule in one.rules]


def test_a_value_that_lambda_refuses_is_no_ground_for_another_finding() -> None:
    report = check(app.orders, deployed(MaximumRetryAttempts=20_000, BisectBatchOnFunctionError=None))
    assert [one.rule for one in report.findings] == ["setting-refused"]
    assert "MaximumRetryAttempts is one that Lambda refuses: 20000" in [one.why for one in report.not_checked]


def test_filters_are_numbered_as_the_template_has_them() -> None:
    given = filters('{"eventName": ["INSERT"]}', '{"dynamodb": {"newImage": {"id": {"S": ["1"]}}}}')
    one = finding(app.placed, deployed(FilterCriteria=given))
    assert one.what.startswith("filter 2 can never match")
    assert one.change == "filter 2: it is written NewImage"


def test_a_view_type_that_is_enough_is_named_and_no_more_than_that() -> None:
    assert "StreamViewType: NEW_IMAGE" in finding(app.placed, deployed(view_type="KEYS_ONLY")).change
    assert "StreamViewType: OLD_IMAGE" in finding(app.removed, deployed(view_type="KEYS_ONLY")).change
    assert "StreamViewType: NEW_AND_OLD_IMAGES" in finding(app.orders, deployed(view_type="KEYS_ONLY")).change


def test_a_timeout_that_would_do_is_named() -> None:
    assert finding(app.orders, deployed(timeout=3, BatchSize=5000)).change == "Timeout: 52"
    assert finding(app.careful, deployed(timeout=5)).change == "Timeout: 30"


def test_poison_says_what_does_not_help() -> None:
    bare = finding(
        app.orders, deployed(MaximumRetryAttempts=-1, BisectBatchOnFunctionError=None, DestinationConfig=None)
    )
    helped = finding(app.orders, deployed(MaximumRetryAttempts=-1))
    assert "halving" not in bare.why
    assert "halving the batch does not end it" in helped.why
    assert "destination is told nothing" in helped.why
    assert helped.change == "MaximumRetryAttempts: 5"
    assert bare.change == "MaximumRetryAttempts: 5\nBisectBatchOnFunctionError: true"


def test_a_function_of_an_image_has_no_handler_to_be_held_against() -> None:
    found = deployed()
    assert found.function is not None
    report = check(app.orders, replace(found, function=replace(found.function, handler=None)))
    assert report.findings == []
    assert [one.why for one in report.not_checked] == ["nothing is known here of the function's Handler"]


def test_what_is_certain_is_found_whatever_else_is_unknown() -> None:
    unknown = Unknown("!Ref Something")
    given = deployed(
        MaximumRetryAttempts=-1, BatchSize=unknown, BisectBatchOnFunctionError=unknown, DestinationConfig=unknown
    )
    one = finding(app.orders, given)
    assert (one.rule, one.change) == ("poison-record-blocks", "MaximumRetryAttempts: 5")


def test_what_makes_no_difference_is_not_asked_for() -> None:
    unknown = Unknown("!Ref Something")
    for found in (deployed(BatchSize=unknown), deployed(BatchSize=unknown, MaximumRetryAttempts=unknown)):
        report = check(app.orders, found)
        assert "good-records-discarded" not in [rule for one in report.not_checked for rule in one.rules]
    report = check(app.orders, deployed(MaximumRetryAttempts=-1, BisectBatchOnFunctionError=unknown))
    assert "good-records-discarded" not in [rule for one in report.not_checked for rule in one.rules]


def test_what_a_role_may_allow_is_told_with_what_keeps_it_from_being_known() -> None:
    report = check(app.orders, deployed(statements=[ANYTHING, SEND]))
    (told,) = [one.why for one in report.not_checked if "stream-permission-missing" in one.rules]
    assert told == (
        "whether the role of Orders allows dynamodb:DescribeStream, dynamodb:GetRecords, dynamodb:GetShardIterator is "
        "not known here (a policy that stands elsewhere)"
    )
    other = Statement(("dynamodb:*",), (Unknown("!GetAtt Other.StreamArn"),))
    report = check(app.orders, deployed(statements=[other, SEND]))
    (told,) = [one.why for one in report.not_checked if "stream-permission-missing" in one.rules]
    assert told.endswith("is not known here")


PAID = '"dynamodb": {"NewImage": {"status": {"S": ["PAID"]}}}'


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        (f"{{{PAID}}}", True),
        (f'{{"eventName": ["INSERT"], {PAID}}}', True),  # as streamkit export --filters writes it
        ('{"eventName": ["INSERT"]}', False),
        (f'{{"eventName": ["INSERT", "MODIFY"], {PAID}}}', False),
    ],
)
def test_filters_may_have_the_kinds_of_the_types_beside_the_decorators_own(pattern: str, fits: bool) -> None:
    assert found_by(app.paid, deployed(FilterCriteria=filters(pattern))) == ([] if fits else ["setting-differs"])


def test_two_findings_on_filters_name_one_line() -> None:
    findings = check(app.named, deployed(FilterCriteria=filters('{"eventName": ["REMOVE"]}'))).findings
    assert [one.rule for one in findings] == ["filter-drops-handled", "setting-differs"]
    assert findings[0].change == findings[1].change


def test_filters_that_cannot_be_joined_with_the_types_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> Any:
        raise ExportError("these cannot be joined")

    monkeypatch.setattr("streamkit.deployment.checking.ownfilters.narrowed", refused)
    assert found_by(app.paid, deployed(FilterCriteria=filters('{"eventName": ["INSERT"]}'))) == ["setting-differs"]


def test_types_that_take_everything_add_nothing_to_the_decorators_filters() -> None:
    @stream_handler(filter_criteria={"Filters": [{"Pattern": '{"awsRegion": ["eu-west-1"]}'}]})
    def everything(change: Change) -> None: ...

    assert found_by(everything, deployed(FilterCriteria=filters('{"awsRegion": ["us-east-1"]}'))) == ["setting-differs"]
