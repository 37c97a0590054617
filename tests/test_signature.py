"""What a user's function asks for: read once, at decoration, and refused there in words."""

import functools
import re
import sys
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, Optional, TypeAlias, TypeVar, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from typing_extensions import TypeAliasType

from streamkit import Change, HandlerDefinitionError, Insert, Modify, Remove
from streamkit.signature import ACCEPTED, EventKind, HandlerSignature, read_signature

Anything = dict[str, Any]
T = TypeVar("T")
U = TypeVar("U")


class Order(BaseModel):
    id: int


class Customer(BaseModel):
    id: int


class Key(NamedTuple):
    id: int


def signature_of(function: Callable[..., object], **local_names: Any) -> HandlerSignature:
    return read_signature(function, local_names)


def asking_for(annotation: Any) -> HandlerSignature:
    """Return the signature of a function whose parameter has this annotation."""

    def handler(change: Any) -> None: ...

    handler.__annotations__["change"] = annotation
    return signature_of(handler)


def refusal_of(function: Any, **local_names: Any) -> str:
    with pytest.raises(HandlerDefinitionError) as caught:
        read_signature(function, local_names)
    assert isinstance(caught.value, TypeError)
    return str(caught.value)


def insert(new: Any, keys: Any = Anything) -> EventKind:
    return EventKind(Insert, {"NewImage": new}, keys)


def modify(new: Any, old: Any, keys: Any = Anything) -> EventKind:
    return EventKind(Modify, {"NewImage": new, "OldImage": old}, keys)


def remove(old: Any, keys: Any = Anything) -> EventKind:
    return EventKind(Remove, {"OldImage": old}, keys)


# --- which kinds, which types --------------------------------------------------------------------------------------

ALL_OF_ORDER = {"INSERT": insert(Order), "MODIFY": modify(Order, Order), "REMOVE": remove(Order)}
ALL_UNTYPED = {"INSERT": insert(Anything), "MODIFY": modify(Anything, Anything), "REMOVE": remove(Anything)}

OrderChange: TypeAlias = Change[Order]
NamedChange: TypeAlias = Change["Order"]
Changes = TypeAliasType("Changes", Change[Order])
GenericChanges = TypeAliasType("GenericChanges", Change[T], type_params=(T,))
Batch = TypeAliasType("Batch", list[Changes])
GenericBatch = TypeAliasType("GenericBatch", list[Change[T]], type_params=(T,))
Turned = TypeAliasType("Turned", Modify[U, T], type_params=(T, U))
Tagged = TypeAliasType("Tagged", Insert[T], type_params=(T, U))
Fixed = TypeAliasType("Fixed", Insert[Order], type_params=(T,))
Noted = TypeAliasType("Noted", Annotated[Insert[T], {"a note": "without a hash"}], type_params=(T,))
Itself = TypeAliasType("Itself", T, type_params=(T,))


@pytest.mark.parametrize(
    ("annotation", "kinds"),
    [
        (OrderChange, ALL_OF_ORDER),
        (Change, ALL_UNTYPED),
        (Insert[Order], {"INSERT": insert(Order)}),
        (Insert, {"INSERT": insert(Anything)}),
        (Insert[Order, Key], {"INSERT": insert(Order, Key)}),
        (Modify[Order], {"MODIFY": modify(Order, Order)}),
        (Modify, {"MODIFY": modify(Anything, Anything)}),
        (Modify[Order, Customer], {"MODIFY": modify(Order, Customer)}),
        (Modify[Order, None], {"MODIFY": modify(Order, type(None))}),
        (Modify[None, Order, Key], {"MODIFY": modify(type(None), Order, Key)}),
        (Remove[Order], {"REMOVE": remove(Order)}),
        (Remove, {"REMOVE": remove(Anything)}),
        (Remove[Order, Key], {"REMOVE": remove(Order, Key)}),
        (Insert[T], {"INSERT": insert(Anything)}),  # type: ignore[valid-type]  # a TypeVar that nobody filled in
        (Insert[Order] | Remove[Customer], {"INSERT": insert(Order), "REMOVE": remove(Customer)}),
        (Union[Insert[Order], Modify[Order]], {"INSERT": insert(Order), "MODIFY": modify(Order, Order)}),
        (Insert[Order] | Insert[Order], {"INSERT": insert(Order)}),
        (Insert[Order | Customer], {"INSERT": insert(Order | Customer)}),
        (Insert[Order | None], {"INSERT": insert(Order | None)}),
        (Insert[list[int]], {"INSERT": insert(list[int])}),
        (Annotated[Insert[Order], "a note"], {"INSERT": insert(Order)}),
        (Annotated[OrderChange, "a note", 2], ALL_OF_ORDER),
        (Insert[Annotated[Order, "a note"]], {"INSERT": insert(Annotated[Order, "a note"])}),
        (Changes, ALL_OF_ORDER),
        (GenericChanges[Order], ALL_OF_ORDER),
        (GenericChanges, ALL_UNTYPED),
        (Annotated[GenericChanges[Order], "a note"], ALL_OF_ORDER),
        (Turned[Order, Customer], {"MODIFY": modify(Customer, Order)}),
        (Tagged[Order, Customer], {"INSERT": insert(Order)}),
        (Fixed[Customer], {"INSERT": insert(Order)}),
        (Noted[Order], {"INSERT": insert(Order)}),
        (Itself[Insert[Order]], {"INSERT": insert(Order)}),
        (
            Union[TypeAliasType("New", Insert[Order]), Annotated[Remove[Order], "a note"]],
            {"INSERT": insert(Order), "REMOVE": remove(Order)},
        ),
        ("Change[Order]", ALL_OF_ORDER),
        ("Insert['Order']", {"INSERT": insert(Order)}),
        (NamedChange, ALL_OF_ORDER),
    ],
)
def test_the_annotation_says_which_kinds_of_event_with_which_types(
    annotation: Any, kinds: Mapping[str, EventKind]
) -> None:
    signature = asking_for(annotation)
    assert signature.kinds == kinds
    assert not signature.whole_batch


@pytest.mark.parametrize(
    "annotation",
    [
        list[Change[Order]],
        Sequence[Change[Order]],
        typing.List[Change[Order]],  # noqa: UP006  # what older code says
        typing.Sequence[Change[Order]],
        Annotated[list[Change[Order]], "a note"],
        list[Annotated[Change[Order], "a note"]],
        list[Changes],
        Batch,
        GenericBatch[Order],
        "list[Change[Order]]",
        list["Change[Order]"],
        list[Insert[Order] | Modify[Order] | Remove[Order]],
    ],
)
def test_a_list_or_sequence_of_changes_is_the_whole_batch(annotation: Any) -> None:
    signature = asking_for(annotation)
    assert signature.whole_batch
    assert signature.kinds == ALL_OF_ORDER


if sys.version_info >= (3, 12):

    def test_the_type_statement_makes_aliases_too() -> None:
        names: dict[str, Any] = dict(globals())
        # As text, since Python 3.11 cannot even parse it.
        exec("type Ours = Change[Order]\ntype Theirs[V] = Change[V]\ntype Batch = list[Ours]", names)  # noqa: S102
        assert asking_for(names["Ours"]).kinds == ALL_OF_ORDER
        assert asking_for(names["Theirs"][Order]).kinds == ALL_OF_ORDER
        assert asking_for(names["Batch"]).whole_batch


EVENTS = {"INSERT": Insert, "MODIFY": Modify, "REMOVE": Remove}


@given(names=st.lists(st.sampled_from(sorted(EVENTS)), min_size=1, max_size=3, unique=True))
def test_a_union_asks_for_exactly_its_members_in_any_order(names: list[str]) -> None:
    signature = asking_for(Union[tuple(EVENTS[name] for name in names)])
    assert signature.kinds == {name: ALL_UNTYPED[name] for name in names}


def test_string_annotations_may_name_what_is_local_to_a_function() -> None:
    class Local(BaseModel):
        id: int

    def handler(change: "Insert[Local]") -> None: ...

    assert signature_of(handler, Local=Local).kinds == {"INSERT": insert(Local)}


def test_local_names_win_over_the_modules() -> None:
    def handler(change: "Insert[Order]") -> None: ...

    assert signature_of(handler, Order=Customer).kinds == {"INSERT": insert(Customer)}


def test_only_the_changes_annotation_is_evaluated() -> None:
    def handler(
        change: "Insert[Order]",
        context: "OnlyForTypeCheckers",  # type: ignore[name-defined]  # noqa: F821  # the point of the test
    ) -> "OnlyForTypeCheckers":  # type: ignore[name-defined]  # noqa: F821  # the same
        ...

    assert signature_of(handler).kinds == {"INSERT": insert(Order)}


# --- parameters ----------------------------------------------------------------------------------------------------


def test_the_function_is_named_as_a_traceback_would() -> None:
    def handler(change: Change) -> None: ...

    name = "test_the_function_is_named_as_a_traceback_would.<locals>.handler"
    assert signature_of(handler).function_name == f"{__name__}.{name}"


def test_the_parameter_may_have_any_name() -> None:
    def handler(order_change: Change) -> None: ...

    signature = signature_of(handler)
    assert signature.parameter == "order_change"
    assert not signature.takes_context


def test_a_parameter_called_context_gets_lambdas_wherever_it_stands() -> None:
    def after(change: Change, context: object) -> None: ...
    def before(context: object, change: Change) -> None: ...
    def by_keyword(change: Change, *, context: object = None) -> None: ...

    for function in (after, before, by_keyword):
        assert signature_of(function).takes_context
        assert signature_of(function).parameter == "change"


def test_further_parameters_with_defaults_and_gathering_ones_are_left_alone() -> None:
    def handler(change: Change, table: str = "orders", *rest: int, retry: bool = False, **options: str) -> None: ...

    signature = signature_of(handler)
    assert signature.parameter == "change"
    assert not signature.takes_context


def test_a_keyword_only_parameter_is_one() -> None:
    def handler(*, change: Change) -> None: ...

    assert signature_of(handler).parameter == "change"


def test_an_async_function_is_known_as_one() -> None:
    async def handler(change: Change) -> None: ...

    def plain(change: Change) -> None: ...

    assert signature_of(handler).is_async
    assert not signature_of(plain).is_async


def test_a_decorated_function_is_read_through_its_decorators() -> None:
    async def handler(change: Insert[Order], context: object) -> None: ...

    @functools.wraps(handler)
    def decorated(*arguments: Any, **options: Any) -> Any: ...

    decorated.__annotations__ = {}
    signature = signature_of(decorated)
    assert signature.function_name.endswith(".handler")
    assert (signature.parameter, signature.takes_context, signature.is_async) == ("change", True, True)
    assert signature.kinds == {"INSERT": insert(Order)}


# --- refusals ------------------------------------------------------------------------------------------------------


class Callable_:  # noqa: N801  # it looks like a function, which is the point
    def __call__(self, change: Change) -> None: ...


@pytest.mark.parametrize(
    "thing", [None, 7, "handler", Order, Callable_(), print, functools.partial(lambda change: None)]
)
def test_what_is_no_function_is_refused(thing: Any) -> None:
    message = refusal_of(thing)
    assert message.startswith(f"{thing!r} is not a function: a handler is a def or async def")
    assert ACCEPTED in message


def test_a_generator_is_refused_since_calling_it_would_run_nothing() -> None:
    def generator(change: Change) -> Iterable[None]:
        yield

    async def async_generator(change: Change) -> Any:
        yield

    for function in (generator, async_generator):
        message = refusal_of(function)
        assert f".{function.__name__}() contains yield, so calling it would run none of it" in message
        assert "use a plain function" in message


@pytest.mark.parametrize(
    ("function", "given"),
    [
        (lambda: None, "none"),
        (lambda *changes, **options: None, "none"),
        (lambda change=None: None, "none"),
        (lambda context: None, "none"),
        (lambda change, other: None, "change, other"),
        (lambda change, context, *, other: None, "change, other"),
    ],
)
def test_there_must_be_one_parameter_to_pass_the_change_to(function: Any, given: str) -> None:
    message = refusal_of(function)
    assert (
        "<lambda>() must have exactly one parameter without a default (and may have 'context', Lambda's), " in message
    )
    assert f"it has: {given}. Annotate that one {ACCEPTED}" in message


def test_a_method_is_refused_by_the_names_of_its_parameters() -> None:
    class Service:
        def handle(self, change: Change) -> None: ...

    assert "Service.handle() must have exactly one parameter" in refusal_of(Service.handle)
    assert "it has: self, change." in refusal_of(Service.handle)


def test_a_parameter_by_position_only_is_refused_since_calls_are_by_keyword() -> None:
    def handler(change: Change, /) -> None: ...
    def with_context(context: object, /, change: Change) -> None: ...

    assert "handler() takes 'change' by position only, but it is called by keyword: remove the '/'" in refusal_of(
        handler
    )
    assert "takes 'context' by position only" in refusal_of(with_context)


def test_a_parameter_without_annotation_is_refused_with_what_to_write() -> None:
    message = refusal_of(lambda change: None)
    assert message.startswith(f"parameter 'change' of {__name__}.")
    assert "<lambda>() has no annotation, which is what says which changes it takes" in message
    assert message.endswith(f"use {ACCEPTED}")


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        (Order, "Order"),
        (dict[str, Any], "dict"),
        (None, "NoneType"),
        (Any, "Any"),
        (T, "T"),
        (OrderChange | None, "NoneType"),
        (Optional[Insert[Order]], "NoneType"),  # noqa: UP045  # the older spelling makes another kind of object
        (Insert[Order] | Order, "Order"),
        (list[Order], "Order"),
        (list[Change[Order] | None], "NoneType"),
        (list[Any], "Any"),
        (list, "list"),
        (Sequence, "Sequence"),
        (typing.List, "List"),  # noqa: UP006  # what older code says
        (typing.Sequence, "Sequence"),
        (typing.Literal["INSERT"], "Literal"),
    ],
)
def test_an_annotation_that_is_no_change_is_refused_by_its_name(annotation: Any, shown: str) -> None:
    with pytest.raises(HandlerDefinitionError) as caught:
        asking_for(annotation)
    assert "parameter 'change' of " in str(caught.value)
    assert re.search(rf"handler\(\) is annotated [\w.]*\b{shown}\b", str(caught.value))
    assert str(caught.value).endswith(f": use {ACCEPTED}")


@pytest.mark.parametrize("annotation", [tuple[Insert[Order], ...], Iterable[Insert[Order]], list[list[Insert[Order]]]])
def test_a_collection_other_than_a_list_is_refused_as_what_it_is(annotation: Any) -> None:
    with pytest.raises(HandlerDefinitionError) as caught:
        asking_for(annotation)
    assert re.search(r"is annotated ([\w.]*Iterable|tuple|list)\[.*Insert\b", str(caught.value))


@pytest.mark.parametrize(
    ("annotation", "label"),
    [
        (Insert[Order] | Insert[Customer], "Insert"),
        (OrderChange | Remove[Customer], "Remove"),
        (list[Modify[Order] | Modify[Customer]], "Modify"),
        (Insert | Insert[Order], "Insert"),
    ],
)
def test_a_kind_that_is_named_twice_is_refused_with_how_to_say_it(annotation: Any, label: str) -> None:
    with pytest.raises(HandlerDefinitionError) as caught:
        asking_for(annotation)
    assert f"names {label} more than once: put the union inside, {label}[A | B] or Change[A | B]" in str(caught.value)


@pytest.mark.parametrize(
    ("annotation", "error"),
    [
        ("Insert[Elsewhere]", "NameError: name 'Elsewhere' is not defined"),
        ("Insert[", "SyntaxError"),
        ("Order.nothing", "AttributeError"),
        ("Insert[Order, Key, int, str]", "TypeError"),
    ],
)
def test_an_annotation_that_cannot_be_evaluated_is_refused_with_why(annotation: str, error: str) -> None:
    with pytest.raises(HandlerDefinitionError) as caught:
        asking_for(annotation)
    assert f"the annotation {annotation!r} of parameter 'change' of " in str(caught.value)
    assert f"handler() cannot be evaluated ({error}" in str(caught.value)
    assert str(caught.value).endswith("must exist at run time, above the function, not only under TYPE_CHECKING")
    assert caught.value.__cause__ is not None
