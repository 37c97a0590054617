"""Terraform's plans in small, for tests, in the form of ``terraform show -json`` (format 1.2)."""

from __future__ import annotations

import json
import re
from typing import Any

PROVIDER = "registry.terraform.io/hashicorp/aws"
STREAM = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"


def refers(*references: str) -> dict[str, Any]:
    """Return an expression, with what Terraform adds to each reference: the resource that it is of, and all of them."""
    listed: list[str] = []
    for one in references:
        listed.append(one)
        while (shorter := re.sub(r"(\.\w+|\[[^\]]*\])$", "", one)).count(".") and shorter != one:
            listed.append(one := shorter)
    return {"references": listed}


def constant(value: Any) -> dict[str, Any]:
    """Return the expression of a value that is written as it is."""
    return {"constant_value": value}


class PlanFile:
    """A plan that is being put together."""

    def __init__(self) -> None:
        self.changes: list[dict[str, Any]] = []
        self.modules: dict[str, list[dict[str, Any]]] = {"": []}
        self.root: dict[str, Any] = {"resources": [], "module_calls": {}}

    def resource(
        self,
        address: str,
        values: dict[str, Any] | None = None,
        unknown: Any = None,
        expressions: dict[str, Any] | None = None,
        **more: Any,
    ) -> PlanFile:
        """Add a resource; what is unknown and has no expression is computed by the provider."""
        modules = re.match(r"(?:module\.\w+(?:\[[^\]]*\])?\.)*", address)
        inside = modules[0] if modules else ""
        plain = address.removeprefix(inside)
        data = plain.startswith("data.")
        kind, name = plain.removeprefix("data.").split("[")[0].split(".")
        head = {"address": address, "mode": "data" if data else "managed", "type": kind, "name": name}
        self.modules.setdefault(inside, []).append({**head, "provider_name": PROVIDER, "values": values or {}, **more})
        change = {"actions": ["read" if data else "create"], "after": values or {}, "after_unknown": unknown or {}}
        self.changes.append({**head, "change": change})
        if expressions is not None:
            self.module(inside)["resources"].append(
                {"address": plain.split("[")[0], "mode": head["mode"], "type": kind, "expressions": expressions}
            )
        return self

    def module(self, path: str) -> dict[str, Any]:
        """Return the configuration of a module."""
        found = self.root
        for name in re.findall(r"module\.(\w+)", path):
            call = found["module_calls"].setdefault(name, {"expressions": {}, "module": {}})
            found = call["module"]
            found.setdefault("resources", [])
            found.setdefault("module_calls", {})
        return found

    def call(self, path: str, expressions: dict[str, Any], outputs: dict[str, Any] | None = None) -> PlanFile:
        """Say what a module is given, and what it gives."""
        outer, _, name = path.rpartition("module.")
        self.module(path)["outputs"] = {out: {"expression": given} for out, given in (outputs or {}).items()}
        self.module(outer)["module_calls"][name]["expressions"] = expressions
        return self

    def table(self, address: str = "aws_dynamodb_table.orders", **values: Any) -> PlanFile:
        """Add a table with a stream."""
        told = {"name": "orders", "stream_enabled": True, "stream_view_type": "NEW_IMAGE", **values}
        return self.resource(address, told, {"arn": True, "stream_arn": True}, {})

    def function(self, address: str = "aws_lambda_function.orders", role: str = "", **values: Any) -> PlanFile:
        """Add a function."""
        told = {"function_name": "orders", "handler": "app.handler", "timeout": 30, **values}
        unknown = {"arn": True, **({"role": True} if role else {})}
        return self.resource(address, told, unknown, {"role": refers(role)} if role else {})

    def mapping(self, address: str = "aws_lambda_event_source_mapping.orders", **attributes: Any) -> PlanFile:
        """Add a mapping: attributes are values, and expressions for what is unknown."""
        told = {"event_source_arn": STREAM, "function_name": "orders", "starting_position": "LATEST", **attributes}
        unknown = {name: value for name, value in told.items() if isinstance(value, dict) and "references" in value}
        values = {name: value for name, value in told.items() if name not in unknown}
        return self.resource(address, values, dict.fromkeys(unknown, True), unknown)

    def plan(self, **more: Any) -> dict[str, Any]:
        """Return the plan."""
        root: dict[str, Any] = {"resources": self.modules[""], "child_modules": []}
        for path, resources in self.modules.items():
            if path:
                root["child_modules"].append({"address": path.rstrip("."), "resources": resources})
        whole = {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "planned_values": {"root_module": root},
            "resource_changes": self.changes,
            "configuration": {"root_module": self.root},
            **more,
        }
        copied: dict[str, Any] = json.loads(json.dumps(whole))
        return copied
