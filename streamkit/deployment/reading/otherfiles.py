"""Files of deployments that are not read, and what to give in their place."""

from __future__ import annotations

import re
from typing import Any

from streamkit.deployment.reading.texts.files import READ

__all__ = ["of_text", "of_value"]

_HCL = re.compile(
    r"^\s*(?:(?:resource|data)\s+\"?\w+\"?\s+\"?\w+\"?|(?:module|variable|provider|output)\s+\"?[\w-]+\"?|"
    r"terraform|locals)\s*\{",
    re.MULTILINE,
)
_SHOW = "run terraform plan -out=PLAN and terraform show -json PLAN > plan.json, and give plan.json"
_TOLD = 8


def of_text(text: str, file: str) -> str | None:
    """Return what is to be said of a text that is neither JSON nor YAML of a template; None if it may be one."""
    if file.endswith((".tf", ".tfvars")) or _HCL.search(text):
        return f"{file} is Terraform's own language, which holds names and not their values: {_SHOW}"
    if text.lstrip().startswith("<"):
        return f"{file} is a page or XML; {READ}"
    return None


def of_value(value: Any, file: str) -> str:
    """Return what is to be said of a file that holds something else than a template."""
    if not isinstance(value, dict):
        return f"{file} holds {_kind(value)}, and a template is an object; {READ}"
    names = set(value)
    if "artifacts" in names:
        return (
            f"{file} is the manifest of a CDK application{_named_by(value['artifacts'])}: give a template of the same "
            f"folder, cdk.out/STACK.template.json"
        )
    if "TemplateBody" in names:
        return (
            f"{file} is an answer of aws cloudformation get-template, whose TemplateBody is a template: save that "
            f"alone (--query TemplateBody, and --output text where the template is YAML)"
        )
    if "service" in names and {"functions", "provider"} & names:
        return f"{file} is a serverless.yml, which is not read: run serverless package and give {_SERVERLESS}"
    if {"serial", "lineage"} <= names or ("terraform_version" in names and "resources" in names):
        return f"{file} is a state file of Terraform's: run terraform show -json > state.json, and give state.json"
    if "app" in names and "context" in names:
        return f"{file} is the configuration of a CDK application: run cdk synth and give cdk.out/STACK.template.json"
    listed = ", ".join(sorted(map(str, names))[:_TOLD]) or "nothing"
    return f"{file} is no template: it has no Resources, it has {listed}; {READ}"


_SERVERLESS = ".serverless/cloudformation-template-update-stack.json"


def _named_by(artifacts: Any) -> str:
    found = [
        str(one["properties"]["templateFile"])
        for one in (artifacts.values() if isinstance(artifacts, dict) else ())
        if isinstance(one, dict) and isinstance(one.get("properties"), dict) and "templateFile" in one["properties"]
    ]
    return f" with the templates {', '.join(found)}" if found else ""


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"the text or number {str(value)[:40]!r}"
