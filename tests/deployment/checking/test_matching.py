"""Which Handler is which function, and which mappings are those of a handler."""

from __future__ import annotations

import functools
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamkit.deployment.checking.choosing import choose
from streamkit.deployment.checking.matching import is_file_of, is_handler, may_be_handler, same_function
from streamkit.deployment.found import FoundFunction, FoundMapping, Place, TemplateError, Unknown
from tests.deployment.checking import app
from tests.deployment.checking.deployments import deployed

MODULE = app.__name__


@pytest.mark.parametrize(
    ("name", "written", "same"),
    [
        ("app:orders", "app.orders", True),
        ("app:orders", "src/app.orders", True),
        ("app:orders", "./app.orders", True),
        ("src.app:orders", "app.orders", True),
        ("shop.app:orders", "shop/app.orders", True),
        ("app:orders", "app.order", False),
        ("app:orders", "myapp.orders", False),
        ("app:orders", "other.orders", False),
        ("app:orders", "orders", False),
        ("orders:orders", "orders", False),
        ("src.app:orders", "bundle/app.orders", False),
    ],
)
def test_a_handler_is_told_by_its_name_with_any_folder_in_front(name: str, written: str, same: bool) -> None:
    assert is_handler(app.orders, name, written) is same


def test_what_stands_in_front_of_a_module_may_differ() -> None:
    assert may_be_handler(app.orders, "src.app:orders", "bundle/app.orders")
    assert may_be_handler(app.orders, f"{MODULE}:orders", "src/app.traced")
    assert not may_be_handler(app.orders, "src.app:orders", "bundle/app.order")
    assert not may_be_handler(app.orders, "src.app:orders", "bundle/apps.orders")


def test_a_handler_is_told_by_its_file() -> None:
    folder = Path(__file__).parents[1]
    assert is_file_of(app.orders, folder, "checking/app.orders")
    assert is_file_of(app.orders, folder / "checking", "app.orders")
    assert is_file_of(app.orders, folder.parent, "deployment/checking.app.orders")
    assert not is_file_of(app.orders, folder, "app.orders")
    assert not is_file_of(app.orders, folder, "checking/test_rules.orders")
    assert not is_file_of(app.as_object, folder, "checking/app.as_object")


def test_a_handler_may_be_in_a_packages_own_file(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    file = tmp_path / "shop" / "__init__.py"
    file.write_text("def handler(event, context): ...")
    names: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), names)  # noqa: S102  # the line above
    assert is_file_of(names["handler"], tmp_path, "shop.handler")


def test_another_name_of_the_same_function_is_the_same() -> None:
    assert is_handler(app.orders, f"{MODULE}:orders", "app.traced")  # functools.wraps says what is inside
    assert is_handler(app.traced, f"{MODULE}:traced", "checking/app.traced")
    assert not is_handler(app.placed, f"{MODULE}:placed", "app.traced")
    assert not is_handler(app.placed, f"{MODULE}:placed", "app.nothing")
    assert not is_handler(app.placed, f"{MODULE}:placed", "elsewhere.traced")


def test_a_name_for_the_function_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[MODULE], "lambda_handler", app.orders, raising=False)
    assert is_handler(app.orders, f"{MODULE}:orders", "app.lambda_handler")

    @functools.wraps(app.orders)
    def other(event: Any, context: Any) -> Any: ...

    del other.__wrapped__
    monkeypatch.setattr(sys.modules[MODULE], "lambda_handler", other)
    assert not is_handler(app.orders, f"{MODULE}:orders", "app.lambda_handler")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("orders", "arn:aws:lambda:eu-west-1:123456789012:function:orders", True),
        ("123456789012:function:orders", "orders", True),
        ("orders", "orders:$LATEST", True),
        ("orders:live", "orders", False),
        ("orders", "order", False),
    ],
)
def test_a_function_has_one_name_in_several_forms(one: str, other: str, same: bool) -> None:
    assert same_function(one, other) is same
    assert same_function(other, one) is same


def of(name: str, handler: Any, **settings: Any) -> FoundMapping:
    found = deployed(**settings)
    function = FoundFunction(name, Place("template.yaml", name), handler=handler, function_name=f"{name}-prod")
    return replace(found, name=f"{name}.Stream", function=function)


ORDERS, PLACED = of("Orders", "src/app.orders"), of("Placed", "app.placed", FunctionName="placed")


def test_the_mappings_of_a_handler_are_those_whose_function_has_it() -> None:
    assert choose([ORDERS, PLACED], "template.yaml", app.orders, name="app:orders") == [ORDERS]
    assert choose([PLACED, ORDERS, ORDERS], "template.yaml", app.orders, name="app:orders") == [ORDERS, ORDERS]
    assert choose([ORDERS, PLACED], "template.yaml", app.placed) == [PLACED]  # by its module and name


def test_the_only_mapping_is_the_one_whatever_it_says() -> None:
    assert choose([PLACED], "template.yaml", app.orders, name="app:orders") == [PLACED]


def test_of_several_with_the_same_name_the_one_in_the_handlers_file_is_chosen() -> None:
    here = of("Here", "checking/app.orders")
    template = str(Path(__file__).parents[1] / "template.yaml")
    assert choose([ORDERS, here], template, app.orders, name="app:orders") == [here]
    with pytest.raises(TemplateError, match=r"several functions that may be app:orders: Orders .*, Here "):
        choose([ORDERS, here], "elsewhere/template.yaml", app.orders, name="app:orders")


def test_a_folder_that_only_a_build_has_is_no_hindrance() -> None:
    assert choose([PLACED, ORDERS], "template.yaml", app.orders, name="shop.app:orders") == [ORDERS]


@pytest.mark.parametrize("function", ["Placed", "Placed-prod", "Placed.Stream", "placed"])
def test_a_function_is_chosen_by_any_of_its_names(function: str) -> None:
    assert choose([ORDERS, PLACED], "template.yaml", app.orders, function=function) == [PLACED]


def test_a_mapping_alone_is_chosen_by_its_name() -> None:
    alone = replace(PLACED, function=None)
    assert choose([ORDERS, alone], "template.yaml", app.orders, function="Placed.Stream") == [alone]


def test_what_cannot_be_chosen_is_told_with_what_there_is() -> None:
    with pytest.raises(TemplateError, match=r"^template.yaml has no mapping on a DynamoDB stream"):
        choose([], "template.yaml", app.orders)
    listed = r"Orders \(Handler src/app.orders\), Placed \(Handler app.placed\)"
    with pytest.raises(TemplateError, match=rf"no function 'Order' with a mapping .*: {listed}$"):
        choose([ORDERS, PLACED], "template.yaml", app.orders, function="Order")
    with pytest.raises(TemplateError, match=rf"none is of a function whose Handler is app.plain: {listed}\. Say which"):
        choose([ORDERS, PLACED], "template.yaml", app.plain, name="app:plain")
    unknown = replace(of("Other", Unknown("!Ref Handler")), function=None)
    with pytest.raises(TemplateError, match=r"Orders \(Handler src/app.orders\), Other.Stream"):
        choose([ORDERS, unknown], "template.yaml", app.plain, name="app:plain")
