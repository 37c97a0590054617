"""What becomes of a pydantic that does not do with rewritten schemas what is expected of it."""

from dataclasses import dataclass
from typing import Any

import pydantic
import pytest
from pydantic import BaseModel, TypeAdapter
from pydantic_core import SchemaError

from streamkit.compiling import prebuilt, selfcheck
from streamkit.compiling.decoder import compiled_decoder
from streamkit.compiling.doubts import NotCompiledError
from streamkit.decoding import decoder_for


class Line(BaseModel):
    sku: Any


class Order(BaseModel):
    id: int
    line: Line


@dataclass
class Key:
    id: int


IMAGE = {"id": {"N": "1"}, "line": {"M": {"sku": {"S": "a"}}}}


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selfcheck, "_found", {})


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("kind", selfcheck._TRIALS)  # there is no other way to know them
def test_every_construct_does_what_is_expected_with_this_pydantic(kind: str) -> None:
    selfcheck.check_constructs([kind])


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("trial", "reason"),
    [
        ({"read": [({"N": "5"}, 6)]}, "{'N': '5'} is read as 5"),
        ({"read": [({"N": "5"}, 5.0)]}, "{'N': '5'} is read as 5"),
        ({"read": [({"N": "x"}, 5)]}, "{'N': 'x'} is refused with ValidationError"),
        ({"refused": [{"N": "5"}]}, "{'N': '5'} is read as 5"),
    ],
)
def test_a_type_with_a_construct_that_surprises_is_left_to_the_reference(
    trial: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = selfcheck._TRIALS  # as above
    monkeypatch.setitem(trials, "int", trials["int"]._replace(**trial))
    with pytest.raises(NotCompiledError) as refused:
        compiled_decoder(TypeAdapter(Order).core_schema)
    assert str(refused.value) == f"pydantic {pydantic.VERSION} reads 'int' in another way: {reason}"
    decode = decoder_for(Order, "here")
    assert decode is not None
    assert decode(IMAGE) == Order(id=1, line=Line(sku="a"))


@pytest.mark.usefixtures("unchecked")
def test_a_pydantic_that_ignores_rewritten_schemas_of_its_own_classes_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prebuilt, "_CAN_BE_TOLD", False)
    monkeypatch.setattr(prebuilt, "_classes", lambda _schema, _found: set())
    with pytest.raises(NotCompiledError, match="reads 'model' in another way"):
        compiled_decoder(TypeAdapter(Line).core_schema)


@pytest.mark.usefixtures("unchecked")
def test_an_older_pydantic_is_kept_from_its_own_validators_while_one_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prebuilt, "_CAN_BE_TOLD", False)
    decode = compiled_decoder(TypeAdapter(Order).core_schema).decode
    assert decode(IMAGE) == Order(id=1, line=Line(sku="a"))
    assert compiled_decoder(TypeAdapter(Key).core_schema).decode({"id": {"N": "1"}}) == Key(1)
    assert Order.__pydantic_complete__
    assert Line.__pydantic_complete__


def test_a_class_seems_incomplete_no_longer_than_that_even_if_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prebuilt, "_CAN_BE_TOLD", False)
    with pytest.raises(SchemaError):
        prebuilt.validate_by({"type": "model", "cls": Line, "schema": {"type": "no such type"}})
    assert Line.__pydantic_complete__
