"""What the role of a function allows, gathered from all over a plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import Statement, Unknown
from streamkit.deployment.reading.forms import form_of
from streamkit.deployment.reading.policies import anything, managed_policy, statements_of

if TYPE_CHECKING:
    from streamkit.deployment.reading.terraform.instances import Instance
    from streamkit.deployment.reading.terraform.values import Plan

__all__ = ["role_statements"]

_DOCUMENT = "data.aws_iam_policy_document"
_MERGED = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")


def role_statements(plan: Plan, arn: str) -> list[Statement] | None:
    """Return what a role allows that is named by its ARN; None for a role that the plan does not hold."""
    role = next((one for one in plan.of_kind("aws_iam_role") if plan.arn(one) == arn), None)
    if role is None:
        return None
    name = plan.name(role)
    found: list[Statement] = []
    for inline in _listed(plan.value(role, ("inline_policy",))):
        found += _read(inline.get("policy"), role.address) if isinstance(inline, dict) else [_unread(role, inline)]
    for policy in _listed(plan.value(role, ("managed_policy_arns",))):
        found += _managed(plan, policy)
    for one in plan.of_kind("aws_iam_role_policy"):
        if form_of(plan.value(one, ("role",), "name")) == name:
            found += _document(plan, one)
    for one in plan.of_kind("aws_iam_role_policy_attachment", "aws_iam_policy_attachment"):
        roles = [plan.value(one, ("role",), "name"), *_listed(plan.value(one, ("roles",), "name"))]
        if name in map(form_of, roles):
            found += _managed(plan, plan.value(one, ("policy_arn",)))
    return found


def _managed(plan: Plan, arn: Any) -> list[Statement]:
    """Return what a managed policy allows: one of the plan's own, or one of AWS's."""
    for own in plan.of_kind("aws_iam_policy"):
        if plan.arn(own) == form_of(arn):
            return _document(plan, own)
    return managed_policy(arn) if isinstance(arn, str | Unknown) else [anything(f"what {arn} allows")]


def _document(plan: Plan, policy: Instance) -> list[Statement]:
    """Return the statements of a policy, those of the document that it is made of where only that is known."""
    text = plan.value(policy, ("policy",))
    if not isinstance(text, Unknown):
        return _read(text, policy.address)
    sources = plan.targets(policy, ("policy",))
    documents = [one for one in plan.of_kind(_DOCUMENT) if one.address in sources]
    if len(documents) != 1 or len(sources) != 1:
        return [_unread(policy, text)]
    return _of_document(plan, documents[0])


def _of_document(plan: Plan, document: Instance) -> list[Statement]:
    """Return the statements of a data source that is to be read once what it refers to is there."""
    found = [anything(f"what {document.address} merges") for name in _MERGED if document.values.get(name)]
    for statement in _listed(plan.value(document, ("statement",))):
        if not isinstance(statement, dict):
            found.append(_unread(document, statement))
            continue
        resources = [_with_more(plan, one) for one in _listed(statement.get("resources"))]
        named: dict[str, Any] = {"Resource": resources}
        for theirs, name in (
            ("not_actions", "NotAction"),
            ("not_resources", "NotResource"),
            ("condition", "Condition"),
        ):
            if statement.get(theirs):
                named[name] = statement[theirs]
        effect = statement.get("effect") or "Allow"
        document_of_one = {"Statement": {"Effect": effect, "Action": _listed(statement.get("actions")), **named}}
        found += statements_of(document_of_one, document.address)
    return found


def _with_more(plan: Plan, resource: Any) -> Any:
    """Return a resource with a part at its end that is not known, where it begins with what has parts of its own.

    A plan tells that an expression refers to a bucket's ARN, and not that ``/*`` stands behind it.
    """
    holders = {plan.arn(one) for one in plan.of_kind("aws_dynamodb_table", "aws_s3_bucket")}
    if isinstance(resource, Unknown) and resource.form in holders:
        return Unknown(resource.text, f"{resource.form}${{more}}")
    return resource


def _read(text: Any, where: str) -> list[Statement]:
    """Return the statements of a policy as JSON text."""
    if not text:
        return []
    try:
        return statements_of(json.loads(text), where)
    except (TypeError, ValueError, RecursionError):
        return [anything(f"what {where} allows: {text}")]


def _unread(instance: Instance, text: Any) -> Statement:
    return anything(f"what {instance.address} allows: {text}")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
