"""`where`: the fields of an image type, whose comparisons are conditions on what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar, overload

from streamkit.conditions import condition_of
from streamkit.decoding import adapter_for, is_untyped
from streamkit.errors import HandlerDefinitionError
from streamkit.fieldtests import Subject, different, equal, item, member, operated, true
from streamkit.storedforms import Form, Scope, form_of
from streamkit.storedplaces import Place
from streamkit.typeforms import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import TypeForm

    from streamkit.conditions import Condition

__all__ = ["Field", "subject_of", "where"]

T = TypeVar("T")

_IMAGES = ("NewImage", "OldImage", "Keys")
_METHODS = {"startswith": "prefix", "endswith": "suffix"}
_UNTYPED = Form(values=(({"type": "any"}, Scope()),))


@overload
def where(image_type: type[T], image: Literal["NewImage", "OldImage", "Keys"] = "NewImage") -> T: ...
@overload
def where(image_type: TypeForm[T], image: Literal["NewImage", "OldImage", "Keys"] = "NewImage") -> T: ...
def where(image_type: Any, image: str = "NewImage") -> Any:
    """Return the fields of an image, to make conditions of: ``where(Order).status == "PAID"``.

    For type checkers it is an ``Order``: they refuse fields that it does not have and, with mypy's strict equality or
    pyright's reportUnnecessaryComparison, values of another type. ``==``, ``!=``, ``.startswith()`` and
    ``.endswith()`` make a `Condition`, as do the functions beside it; a bool field alone is one. A field of a model in
    the item is ``where(Order).address.city``, a value of a dict ``where(Order).labels["color"]``. ``<`` and ``>`` are
    refused: numbers of an item are text in the event (SEMANTICS §6).

    A condition says what is *stored*: where an attribute is missing or null, ``==`` a value is not true of it, nor is
    ``!=``, whatever default its type has (see `exists`). Values are compared as streamkit writes them: numbers without
    needless zeros, an Enum by its value, a datetime as ISO 8601 text.

    ``image``: the item after the change (``"NewImage"``; a REMOVE has none), before it (``"OldImage"``; an INSERT has
    none), or its ``"Keys"``. ``image_type``: what a handler may name: a pydantic model, a dataclass, a TypedDict, a
    union of them (then the fields that all have), or ``dict[str, Any]``.

    Raises HandlerDefinitionError for a type that no item can have.
    """
    if image not in _IMAGES:
        raise ValueError(f"where() takes the image {', '.join(_IMAGES)}, not {image!r}")
    name = shown(image_type).replace("typing.", "")
    text = f"where({name})" if image == "NewImage" else f"where({name}, {image!r})"
    form = _UNTYPED if is_untyped(image_type) else _form_of(image_type, text)
    return Field(Subject([Place(("dynamodb", image), form, is_image=True)], text))


def _form_of(image_type: Any, text: str) -> Form:
    from pydantic.errors import PydanticUserError  # noqa: PLC0415  # pydantic is there where there are types

    adapter = adapter_for(image_type, text)
    try:
        schema: Any = adapter.core_schema
        form = form_of(schema, Scope())
    except PydanticUserError as error:
        raise HandlerDefinitionError(f"{text}: pydantic cannot read {shown(image_type)} ({error})") from error
    if not form.classes and not form.values:
        raise HandlerDefinitionError(f"{text}: nothing says which attributes it has; use the type of a whole item")
    return form


class Field:
    """What `where` returns, and every field of it. Its attributes are the fields' names, so that it has no others."""

    __slots__ = ("_streamkit",)

    def __init__(self, subject: Subject) -> None:
        self._streamkit = subject

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):  # Python looks for protocols
            raise AttributeError(name)
        subject = self._streamkit
        if name == "root" and all(place.form.is_bare for place in subject.places):
            return Field(Subject(subject.places, f"{subject.text}.root"))
        if name in _METHODS and not any(place.form.classes for place in subject.places):
            return _method(subject, name)
        return Field(member(subject, name))

    def __getitem__(self, key: Any) -> Any:
        return Field(item(self._streamkit, key))

    def __eq__(self, other: object) -> Any:
        return equal(self._streamkit, [other], f"{self!r} == {other!r}")

    def __ne__(self, other: object) -> Any:
        return different(self._streamkit, [other], f"{self!r} != {other!r}")

    def __and__(self, other: Any) -> Condition:
        return condition_of(self, "&") & condition_of(other, "&")

    def __rand__(self, other: Any) -> Condition:
        return condition_of(other, "&") & condition_of(self, "&")

    def __or__(self, other: Any) -> Condition:
        return condition_of(self, "|") | condition_of(other, "|")

    def __ror__(self, other: Any) -> Condition:
        return condition_of(other, "|") | condition_of(self, "|")

    def __lt__(self, other: object) -> NoReturn:
        raise TypeError(
            f"{self!r} cannot be compared by <, <=, > or >=: numbers of an item are text in the event, and Lambda's "
            f"numeric operator never matches text (SEMANTICS §6). Compare in the handler, list the values with "
            f"one_of(), or write another attribute that says it"
        )

    __le__ = __gt__ = __ge__ = __lt__

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} is a field of records to come, neither true nor false now: join conditions with & and |, and "
            f"write one_of({self!r}, False) in place of not"
        )

    def __iter__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} is a field of records to come, and has no elements now: write any_of({self!r}) == … in place of "
            f"in, for and len()"
        )

    def __contains__(self, value: object) -> bool:
        self.__iter__()

    def __len__(self) -> int:  # noqa: PLE0303  # it never returns
        self.__iter__()

    def __invert__(self) -> NoReturn:
        raise TypeError(f"~{self!r}: a field cannot be turned around; write one_of({self!r}, False)")

    def __repr__(self) -> str:
        return self._streamkit.text

    def __streamkit_condition__(self) -> Condition:
        return true(self._streamkit)


def _method(subject: Subject, name: str) -> Callable[..., Condition]:
    def method(texts: Any, *positions: Any) -> Condition:
        if positions:
            raise TypeError(f"{subject.text}.{name}() takes no positions: Lambda's patterns look at the whole text")
        listed = texts if isinstance(texts, tuple) else (texts,)
        return operated(subject, _METHODS[name], listed, f"{subject.text}.{name}({texts!r})")

    return method


def subject_of(field: Any, function: str) -> Subject:
    """Return what a field is about; TypeError, naming the function that takes one, for anything else."""
    if not isinstance(field, Field):
        raise TypeError(f"{function} takes a field, such as where(Order).status, not {field!r:.200}")
    subject: Subject = object.__getattribute__(field, "_streamkit")
    return subject
