"""What the role of a function allows in a CloudFormation template."""

from pathlib import Path
from typing import Any

import pytest

from streamkit.deployment.found import Statement, Unknown
from tests.deployment.reading.templates import mapping, read, stack, the

CONDITIONS = {
    "Maybe": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
    "Never": {"Fn::Equals": ["a", "b"]},
}


def document(*statements: Any) -> dict[str, Any]:
    return {"PolicyName": "p", "PolicyDocument": {"Statement": list(statements)}}


def policy(kind: str, action: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::IAM::{kind}", "Properties": {**properties, **document({**SEND, "Action": action})}}


SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
SENDS = Statement(("sqs:SendMessage",), ("*",))


def statements_of(folder: Path, role: dict[str, Any], more: dict[str, Any] | None = None, named: Any = None) -> Any:
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Role": named or {"Fn::GetAtt": ["R", "Arn"]}}}
    resources = {
        "R": {"Type": "AWS::IAM::Role", "Properties": role},
        "F": function,
        "M": mapping(FunctionName={"Ref": "F"}),
        **(more or {}),
    }
    found = the(read(folder, stack(resources, Conditions=CONDITIONS)))
    assert found.function is not None
    return found.function.statements


@pytest.mark.parametrize("named", ["arn:aws:iam::123456789012:role/r", {"Ref": "RoleArn"}, {"Fn::ImportValue": "role"}])
def test_of_a_role_that_is_made_elsewhere_nothing_is_known(tmp_path: Path, named: Any) -> None:
    assert statements_of(tmp_path, {"Policies": [document(SEND)]}, named=named) is None


def test_a_role_is_found_by_what_ref_gives_of_it_too(tmp_path: Path) -> None:
    assert statements_of(tmp_path, {"Policies": [document(SEND)]}, named={"Ref": "R"}) == [SENDS]


def test_policies_in_a_role_and_attached_to_it_are_gathered(tmp_path: Path) -> None:
    role = {"RoleName": "orders", "ManagedPolicyArns": [{"Ref": "Own"}], "Policies": [document(SEND)]}
    more = {
        "Own": {"Type": "AWS::IAM::ManagedPolicy", "Properties": document({**SEND, "Action": ["a:1"]})},
        "Attached": policy("Policy", "a:2", Roles=["orders"]),
        "Single": policy("RolePolicy", "a:3", RoleName={"Ref": "R"}),
        "Managed": policy("ManagedPolicy", "a:4", Roles=[{"Ref": "R"}]),
        "Others": policy("Policy", "a:5", Roles=["payments"]),
    }
    found = statements_of(tmp_path, role, more)
    assert [one.actions for one in found] == [("sqs:SendMessage",), ("a:1",), ("a:2",), ("a:3",), ("a:4",)]


def test_policies_under_conditions_count_as_far_as_these_hold(tmp_path: Path) -> None:
    more = {
        "Never": {**policy("Policy", "a:1", Roles=[{"Ref": "R"}]), "Condition": "Never"},
        "Maybe": {**policy("Policy", "a:2", Roles=[{"Ref": "R"}]), "Condition": "Maybe"},
    }
    assert statements_of(tmp_path, {}, more) == [
        Statement(("*",), (Unknown("what Maybe allows if its condition holds"),))
    ]


@pytest.mark.parametrize(
    ("policy", "statements"),
    [
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", []),
        ("arn:aws-cn:iam::aws:policy/AmazonSQSFullAccess", [Statement(("sqs:*",), ("*",))]),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess"}, [Statement(("*",), ("*",))]),
        (
            "arn:aws:iam::123456789012:policy/AdministratorAccess",
            [Statement(("*",), (Unknown("what arn:aws:iam::123456789012:policy/AdministratorAccess allows"),))],
        ),
        ({"Ref": "Policy"}, [Statement(("*",), (Unknown('what {"Ref": "Policy"} allows'),))]),
        (7, [Statement(("*",), (Unknown("what a managed policy of R allows: 7"),))]),
    ],
    ids=str,
)
def test_managed_policies_are_known_by_name_or_may_allow_anything(tmp_path: Path, policy: Any, statements: Any) -> None:
    assert statements_of(tmp_path, {"ManagedPolicyArns": [policy]}) == statements
    assert statements_of(tmp_path, {"ManagedPolicyArns": policy}) == statements


@pytest.mark.parametrize(
    ("statement", "read_as"),
    [
        ({"Effect": "Deny", "Action": "sqs:*", "Resource": ["a", "b"]}, Statement(("sqs:*",), ("a", "b"), "Deny")),
        ({"Action": ["a:1", "a:2"], "Resource": "*"}, Statement(("a:1", "a:2"), ("*",))),
        ({**SEND, "Resource": {"Ref": "Q"}}, Statement(("sqs:SendMessage",), (Unknown('{"Ref": "Q"}', "${Q}"),))),
        ({**SEND, "Resource": [5]}, Statement(("sqs:SendMessage",), (Unknown("5"),))),
        ({**SEND, "Resource": None}, Statement(("sqs:SendMessage",), ())),
        (
            {**SEND, "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            Statement(("sqs:SendMessage",), (Unknown("what a policy of R allows under a condition"),)),
        ),
        (
            {"Effect": "Allow", "Action": "sqs:*", "NotResource": "a"},
            Statement(("sqs:*",), (Unknown("what a policy of R says by NotResource"),)),
        ),
        (
            {"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"},
            Statement(("*",), (Unknown("what a policy of R says of actions"),), "Deny"),
        ),
        ({**SEND, "Action": {"Ref": "A"}}, Statement(("*",), (Unknown("what a policy of R says of actions"),))),
        (
            {**SEND, "Effect": {"Ref": "E"}},
            Statement(("*",), (Unknown('what a policy of R allows: Effect {"Ref": "E"}'),)),
        ),
        ({**SEND, "Effect": "allow"}, Statement(("*",), (Unknown("what a policy of R allows: Effect allow"),))),
        ("words", Statement(("*",), (Unknown("what a policy of R allows: words"),))),
    ],
    ids=str,
)
def test_a_statement_says_what_is_certain_of_it(tmp_path: Path, statement: Any, read_as: Statement) -> None:
    assert statements_of(tmp_path, {"Policies": [document(statement)]}) == [read_as]


@pytest.mark.parametrize(
    "policies",
    [{"Fn::If": ["Maybe", [document(SEND)], []]}, [{"Ref": "Policy"}], {"Ref": "Policies"}, [{"PolicyDocument": "x"}]],
    ids=str,
)
def test_policies_that_only_a_deployment_knows_may_allow_anything(tmp_path: Path, policies: Any) -> None:
    (statement,) = statements_of(tmp_path, {"Policies": policies})
    assert statement.actions == ("*",)
    assert isinstance(statement.resources[0], Unknown)
