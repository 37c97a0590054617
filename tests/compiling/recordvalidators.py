"""What models do of their own accord: validators, private attributes, computed fields, constructors."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from pydantic import (
    BaseModel,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    computed_field,
    field_validator,
    model_validator,
)

from tests.compiling.kinds import AFTER, BEFORE, PLAIN, WRAP
from tests.compiling.making import Maker


class Posted(BaseModel):
    _seen: list[Any] = PrivateAttr(default_factory=list)
    _state: dict[str, Any] = {"n": [1]}
    _unset: int

    def model_post_init(self, context: Any, /) -> None:
        self._seen.append((sorted(self.model_fields_set), dict(self.__dict__), context))


class Private(BaseModel):
    _state: list[Any] = [1]


class Computed(BaseModel):
    kept: ClassVar[int] = 5

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def size(self) -> int:
        return len(self.__dict__)

    @cached_property
    def cached(self) -> int:
        return len(self.__dict__)


class Constructed(BaseModel):
    def __init__(self, **data: Any) -> None:
        super().__init__(**{"added": 1, **data})


class Keyed(BaseModel):
    def __init__(self, a: Any = 5, **data: Any) -> None:
        super().__init__(a=a, **data)


class NumberExtras(BaseModel, extra="allow"):
    __pydantic_extra__: dict[str, int] = Field(init=False)


class Parent(BaseModel):
    a: int = 1
    parental: str = "p"


class ListExtras(BaseModel, extra="allow"):
    __pydantic_extra__: dict[str, list[Decimal]] = Field(init=False)


BASES: list[Any] = [BaseModel, Parent, Posted, Private, Computed, Constructed, Keyed, NumberExtras, ListExtras]

# --- model validators --------------------------------------------------------------------------------------------


def _unchanged(cls: Any, data: Any) -> Any:
    return data


def _renaming(cls: Any, data: Any) -> Any:
    if isinstance(data, Mapping) and "x" in data:
        return {**data, "a": data["x"]}
    return data


def _popping(cls: Any, data: Any) -> Any:
    if isinstance(data, dict):
        data.pop("extra", None)
    return data


def _completing(cls: Any, data: Any) -> Any:
    if isinstance(data, dict):
        data.setdefault("a", 5)
        data.setdefault("b", {"S": "x"})
    return data


def _texting(cls: Any, data: Any) -> Any:
    if not isinstance(data, dict):
        return {"a": data}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in data.items()}


def _appending(cls: Any, data: Any) -> Any:
    if isinstance(data, dict):
        for value in data.values():
            if isinstance(value, list):
                value.append(value[0] if value else 1)
    return data


def _refusing(cls: Any, data: Any) -> Any:
    if "extra" in data:
        raise ValueError("an extra attribute")
    return data


def _described(cls: Any, data: Any, info: ValidationInfo) -> Any:
    return {**data, "extra": [sorted(map(str, data)), info.mode, info.context, cls.__name__]}


def _itself(self: Any) -> Any:
    return self


def _changed(self: Any) -> Any:
    for name, value in list(self.__dict__.items()):
        if isinstance(value, str):
            self.__dict__[name] = value + "!"
    return self


def _complete(self: Any) -> Any:
    if not all(self.__dict__.values()):
        raise ValueError("something is empty")
    return self


def _informed(self: Any, info: ValidationInfo) -> Any:
    self.__dict__["informed"] = [info.mode, info.context, sorted(self.__dict__)]
    return self


def _through(cls: Any, data: Any, handler: Callable[[Any], Any]) -> Any:
    return handler(data)


def _or_constructed(cls: Any, data: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(data)
    except ValidationError:
        return cls.model_construct(a="fallback")


def _or_empty(cls: Any, data: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(data)
    except Exception:  # noqa: BLE001  # this is how some write it
        return handler({})


def _of_copy(cls: Any, data: Any, handler: Callable[[Any], Any]) -> Any:
    return handler(dict(data) | {"extra": len(data)})


_OF_DATA: list[Any] = [_unchanged, _renaming, _popping, _completing, _texting, _appending, _refusing, _described]
_OF_MODELS: list[Any] = [_itself, _changed, _complete, _informed]
_AROUND: list[Any] = [_through, _or_constructed, _or_empty, _of_copy]


_classmethod: Any = classmethod


def _before(method: Any) -> Any:
    return model_validator(mode="before")(_classmethod(method))


def _after(method: Any) -> Any:
    return model_validator(mode="after")(method)


def _around(method: Any) -> Any:
    return model_validator(mode="wrap")(_classmethod(method))


def draw_validators(maker: Maker, names: list[str]) -> tuple[dict[str, Any], str]:
    """Draw validators for a model with fields of these names: what goes into its class, and the words for it."""
    validators: dict[str, Any] = {}
    words: list[str] = []
    if maker.once_in(5):
        mode, functions = maker.pick([("after", AFTER), ("before", BEFORE), ("wrap", WRAP), ("plain", PLAIN)])
        field, function = maker.pick([*names, "*"]), maker.pick(functions)
        validators["of_field"] = field_validator(field, mode=mode)(staticmethod(function))  # type: ignore[call-overload]  # a drawn mode
        words.append(f"{mode} {field!r}: {function.__name__}")
    if maker.once_in(8):
        make, methods = maker.pick([(_after, _OF_MODELS), (_before, _OF_DATA), (_around, _AROUND)])
        method = maker.pick(methods)
        validators["of_model"] = make(method)
        words.append(f"{make.__name__[1:]} the model: {method.__name__[1:]}")
    return validators, ", ".join(words)
