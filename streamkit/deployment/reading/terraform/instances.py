"""The resources of a plan: their values, what is unknown of them, and the expressions that they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import TemplateError
from streamkit.deployment.reading.terraform.addresses import config_path, index_of, module_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Instance", "configured", "instances_of"]

_MAX_DEPTH = 50
"""Modules inside of modules."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a resource."""

    address: str
    kind: str
    """``aws_lambda_function``; ``data.aws_iam_policy_document`` for what is read."""
    values: dict[str, Any]
    unknown: Any
    """The same with true for each value that only applying the plan tells."""
    expressions: dict[str, Any] | None
    """None in a state, and in a plan without its configuration."""
    loop: Any = None
    """The expression of its for_each."""

    @property
    def module(self) -> str:
        """Return the address of its module, with a dot at the end; nothing for the root."""
        return module_of(self.address)

    @property
    def index(self) -> str:
        """Return ``[0]``, ``["a"]``, or nothing."""
        return index_of(self.address)


def instances_of(plan: dict[str, Any], file: str) -> dict[str, Instance]:
    """Return the resources of a plan or a state by their addresses, in its order."""
    changes = {
        one["address"]: _object(one.get("change"))
        for one in _objects(plan.get("resource_changes"))
        if isinstance(one.get("address"), str)
    }
    prior = _object(_object(plan.get("prior_state")).get("values")).get("root_module")
    root = _object(plan.get("planned_values", plan.get("values"))).get("root_module")
    configs: dict[tuple[str, ...], dict[str, Any]] = {}
    found: dict[str, Instance] = {}
    for module, read_before in ((prior, True), (root, False)):
        for one in _resources(module, file):
            address, kind = one.get("address"), one.get("type")
            if not isinstance(address, str) or not isinstance(kind, str):
                continue
            data = one.get("mode") == "data"
            # What a plan has read already stands in the state before it, and everything else after it.
            if read_before and not data:
                continue
            config = _configured(plan, address, configs)
            found[address] = Instance(
                address,
                f"data.{kind}" if data else kind,
                _object(one.get("values")),
                changes.get(address, {}).get("after_unknown", {}),
                None if config is None else _object(config.get("expressions")),
                None if config is None else config.get("for_each_expression"),
            )
    return found


def configured(plan: dict[str, Any], modules: str) -> dict[str, Any]:
    """Return the configuration of a module by its address, empty where the file has none."""
    module = _object(_object(plan.get("configuration")).get("root_module"))
    for name in config_path(modules):
        module = _object(_object(_object(module.get("module_calls")).get(name)).get("module"))
    return module


def _configured(
    plan: dict[str, Any], address: str, configs: dict[tuple[str, ...], dict[str, Any]]
) -> dict[str, Any] | None:
    """Return the configuration of a resource; ``configs`` keeps those of each module that was looked into."""
    modules = module_of(address)
    path = tuple(config_path(modules))
    if path not in configs:
        resources = _objects(configured(plan, modules).get("resources"))
        configs[path] = {one["address"]: one for one in resources if isinstance(one.get("address"), str)}
    config: dict[str, Any] | None = configs[path].get(address.removeprefix(modules).removesuffix(index_of(address)))
    return config


def _resources(module: Any, file: str, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > _MAX_DEPTH:
        raise TemplateError(f"{file}: more than {_MAX_DEPTH} modules stand inside of one another in this plan")
    yield from _objects(_object(module).get("resources"))
    for child in _objects(_object(module).get("child_modules")):
        yield from _resources(child, file, depth + 1)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
