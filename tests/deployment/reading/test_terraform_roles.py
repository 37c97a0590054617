"""What the role of a function allows in a Terraform plan."""

import json
from pathlib import Path
from typing import Any

import pytest

from streamkit.deployment.found import Statement, Unknown
from tests.deployment.reading.plans import PlanFile, refers
from tests.deployment.reading.templates import here, read, the

ROLE = "aws_iam_role.orders"
DOCUMENT = "data.aws_iam_policy_document.orders"
SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
SENDS = Statement(("sqs:SendMessage",), ("*",))
TEXT = json.dumps({"Version": "2012-10-17", "Statement": [SEND]})


def statements(folder: Path, plan: PlanFile, **role: Any) -> Any:
    plan.resource(ROLE, {"name": "orders", **role}, {"arn": True, "inline_policy": True}, {})
    plan.function(role=f"{ROLE}.arn").mapping()
    found = the(read(folder, plan.plan()))
    assert found.function is not None
    return found.function.statements


def reading(references: list[str], resources: list[Any], *, known: bool = False, **more: Any) -> PlanFile:
    """Return a plan with a policy that is made of a document, which refers to resources."""
    statement = {"actions": ["sqs:SendMessage"], "effect": None, "resources": resources, **more}
    told = {"resources": [one is None for one in resources], "actions": [False]}
    plan = PlanFile().resource(
        DOCUMENT,
        {"statement": [statement]},
        {"json": True, "statement": [{} if known else told]},
        {"statement": [{"resources": refers(*references)}]},
    )
    return plan.resource(
        "aws_iam_role_policy.orders",
        {"role": "orders"},
        {"policy": True},
        {"policy": refers(f"{DOCUMENT}.json"), "role": refers(f"{ROLE}.name")},
    )


def test_policies_in_a_role_and_attached_to_it_are_gathered(tmp_path: Path) -> None:
    plan = PlanFile()
    plan.resource("aws_iam_role_policy.a", {"role": "orders", "policy": TEXT.replace("sqs:SendMessage", "a:1")})
    plan.resource("aws_iam_role_policy.b", {"role": "payments", "policy": TEXT})
    plan.resource("aws_iam_policy.own", {"policy": TEXT.replace("sqs:SendMessage", "a:2")}, {"arn": True}, {})
    plan.resource(
        "aws_iam_role_policy_attachment.own",
        {},
        {"role": True, "policy_arn": True},
        {"role": refers(f"{ROLE}.id"), "policy_arn": refers("aws_iam_policy.own.arn")},
    )
    plan.resource(
        "aws_iam_role_policy_attachment.others",
        {"role": "payments", "policy_arn": "arn:aws:iam::aws:policy/AmazonSQSFullAccess"},
    )
    plan.resource(
        "aws_iam_policy_attachment.aws",
        {"roles": ["payments", "orders"], "policy_arn": "arn:aws:iam::aws:policy/AmazonSNSFullAccess"},
    )
    assert statements(tmp_path, plan) == [
        Statement(("a:1",), ("*",)),
        Statement(("a:2",), ("*",)),
        Statement(("sns:*",), ("*",)),
    ]


def test_policies_that_a_role_says_itself_are_read(tmp_path: Path) -> None:
    plan = PlanFile().resource(
        ROLE,
        {
            "name": "orders",
            "arn": "arn:aws:iam::123456789012:role/orders",
            "inline_policy": [{"name": "p", "policy": TEXT}, {"name": "", "policy": ""}, 5],
            "managed_policy_arns": ["arn:aws:iam::aws:policy/AmazonSQSFullAccess", 7],
        },
    )
    plan.resource(
        "aws_lambda_function.orders", {"function_name": "orders", "role": "arn:aws:iam::123456789012:role/orders"}
    ).mapping()
    found = the(read(tmp_path, plan.plan()))
    assert found.function is not None
    assert found.function.statements == [
        SENDS,
        Statement(("*",), (Unknown(f"what {ROLE} allows: 5"),)),
        Statement(("sqs:*",), ("*",)),
        Statement(("*",), (Unknown("what 7 allows"),)),
    ]


def test_of_a_role_that_is_made_elsewhere_nothing_is_known(tmp_path: Path) -> None:
    plan = PlanFile().function(role="data.aws_iam_role.shared.arn").mapping()
    found = the(read(tmp_path, plan.plan()))
    assert found.function is not None
    assert found.function.statements is None


def test_a_document_that_is_read_later_allows_what_it_refers_to(tmp_path: Path) -> None:
    plan = reading(["aws_sqs_queue.a.arn", "aws_sqs_queue.b.arn"], [None, "arn:aws:sqs:eu-west-1:1:known", None])
    plan.resource("aws_sqs_queue.a", {"name": "a"}, {"arn": True}, {})
    plan.resource("aws_sqs_queue.b", {"name": "b"}, {"arn": True}, {})
    (statement,) = statements(tmp_path, plan)
    assert statement == Statement(
        ("sqs:SendMessage",),
        (
            Unknown("aws_sqs_queue.a.arn", here("sqs", "a")),
            "arn:aws:sqs:eu-west-1:1:known",
            Unknown("aws_sqs_queue.b.arn", here("sqs", "b")),
        ),
    )


def test_what_may_have_more_behind_it_says_so(tmp_path: Path) -> None:
    plan = reading(["aws_s3_bucket.failed.arn"], [None])
    plan.resource("aws_s3_bucket.failed", {"bucket": "failed"}, {"arn": True}, {})
    (statement,) = statements(tmp_path, plan)
    assert statement.resources == (Unknown("aws_s3_bucket.failed.arn", "arn:${AWS::Partition}:s3:::failed${more}"),)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"condition": [{"test": "Bool"}]}, Unknown(f"what {DOCUMENT} allows under a condition")),
        ({"not_resources": ["a"], "resources": []}, Unknown(f"what {DOCUMENT} says by NotResource")),
    ],
)
def test_statements_of_a_document_have_all_that_narrows_them(tmp_path: Path, more: Any, expected: Unknown) -> None:
    plan = reading([], ["*"], known=True)
    plan.modules[""][0]["values"]["statement"][0] |= more
    (statement,) = statements(tmp_path, plan)
    assert (statement.effect, statement.resources[0]) == ("Allow", expected)


def test_what_a_document_merges_may_allow_anything(tmp_path: Path) -> None:
    plan = reading([], ["*"], known=True)
    plan.modules[""][0]["values"]["source_policy_documents"] = [TEXT]
    merged, statement = statements(tmp_path, plan)
    assert merged == Statement(("*",), (Unknown(f"what {DOCUMENT} merges"),))
    assert statement == SENDS


def test_a_document_of_which_a_statement_is_unknown_may_allow_anything(tmp_path: Path) -> None:
    plan = reading([], ["*"], known=True)
    plan.modules[""][0]["values"]["statement"] = [None]
    plan.changes[0]["change"]["after_unknown"]["statement"] = [True]
    (statement,) = statements(tmp_path, plan)
    assert statement.actions == ("*",)
    assert str(statement.resources[0]).startswith(f"what {DOCUMENT} allows: ")


@pytest.mark.parametrize(
    "references", [["aws_sqs_queue.failed.arn"], [f"{DOCUMENT}.json", "aws_sqs_queue.failed.arn"], []]
)
def test_a_policy_that_is_written_in_place_and_unknown_may_allow_anything(
    tmp_path: Path, references: list[str]
) -> None:
    plan = (
        PlanFile().resource(DOCUMENT, {"statement": []}, {}, {}).resource("aws_sqs_queue.failed", {}, {"arn": True}, {})
    )
    plan.resource("aws_iam_role_policy.orders", {"role": "orders"}, {"policy": True}, {"policy": refers(*references)})
    (statement,) = statements(tmp_path, plan)
    assert statement.actions == ("*",)
    assert str(statement.resources[0]).startswith("what aws_iam_role_policy.orders allows: ")


@pytest.mark.parametrize("text", ["{", 5, "[" * 100_000])
def test_a_policy_that_is_no_json_may_allow_anything(tmp_path: Path, text: Any) -> None:
    plan = PlanFile().resource("aws_iam_role_policy.orders", {"role": "orders", "policy": text})
    (statement,) = statements(tmp_path, plan)
    assert isinstance(statement.resources[0], Unknown)
