"""What the role of a function allows, gathered from all over a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import Unknown
from streamkit.deployment.reading.forms import form_of
from streamkit.deployment.reading.policies import anything, managed_policy, statements_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.deployment.found import Statement
    from streamkit.deployment.reading.cloudformation.evaluating import Evaluator

__all__ = ["inline_statements", "managed_statements", "role_statements"]

_POLICIES = {"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy"}


def role_statements(evaluator: Evaluator, role: Any) -> list[Statement] | None:
    """Return what a role allows that is named by its ARN; None for a role that the template does not make."""
    arn = form_of(evaluator.value(role))
    for logical_id in evaluator.resources:
        if evaluator.type_of(logical_id) == "AWS::IAM::Role" and arn in {
            form_of(evaluator.attribute(logical_id, "Arn", "")),
            # SAM takes a role's name where it wants an ARN as little as Lambda does, but people write it.
            form_of(evaluator.attribute(logical_id, None, "")),
        }:
            return _of_role(evaluator, logical_id)
    return None


def _of_role(evaluator: Evaluator, logical_id: str) -> list[Statement]:
    properties = evaluator.properties(logical_id)
    found = inline_statements(evaluator, properties.get("Policies"), logical_id)
    found += managed_statements(evaluator, properties.get("ManagedPolicyArns"), logical_id)
    name = form_of(evaluator.name(logical_id))
    for policy in _policies(evaluator):
        own = evaluator.properties(policy)
        roles = evaluator.value(own.get("Roles", own.get("RoleName")))
        if name in map(form_of, roles if isinstance(roles, list) else [roles]):
            found += _document(evaluator, policy)
    return found


def inline_statements(evaluator: Evaluator, policies: Any, whose: str) -> list[Statement]:
    """Return what the inline policies of a role or a function allow: ``[{PolicyName, PolicyDocument}]``."""
    listed = evaluator.value(policies)
    found: list[Statement] = []
    for one in listed if isinstance(listed, list) else [] if listed is None else [listed]:
        if isinstance(one, dict):
            found += statements_of(one.get("PolicyDocument"), f"a policy of {whose}")
        else:
            found.append(anything(f"what the policies of {whose} allow: {one}"))
    return found


def managed_statements(evaluator: Evaluator, arns: Any, whose: str) -> list[Statement]:
    """Return what managed policies allow, AWS's and the template's own."""
    listed = evaluator.value(arns)
    found: list[Statement] = []
    for arn in listed if isinstance(listed, list) else [] if listed is None else [listed]:
        if not isinstance(arn, str | Unknown):
            found.append(anything(f"what a managed policy of {whose} allows: {arn}"))
            continue
        own = [one for one in _policies(evaluator) if form_of(evaluator.attribute(one, None, "")) == form_of(arn)]
        found += _document(evaluator, own[0]) if own else managed_policy(arn)
    return found


def _policies(evaluator: Evaluator) -> Iterator[str]:
    for logical_id in evaluator.resources:
        if evaluator.type_of(logical_id) in _POLICIES and evaluator.is_there(logical_id) is not False:
            yield logical_id


def _document(evaluator: Evaluator, policy: str) -> list[Statement]:
    if evaluator.is_there(policy) is None:
        return [anything(f"what {policy} allows if its condition holds")]
    return statements_of(evaluator.value(evaluator.properties(policy).get("PolicyDocument")), policy)
