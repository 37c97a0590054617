"""What a deployment says of a mapping."""

from streamkit.deployment.found import FoundMapping, Place, Unknown

PLACE = Place("template.yaml", "Resources.Mapping", 3)


def test_an_unknown_that_is_written_with_braces_has_a_form_without() -> None:
    assert Unknown('{"a": "${b}"}').form == '${("a": "$(b)")}'
    assert str(Unknown("!Ref A", "x")) == "!Ref A"
    assert Unknown("!Ref A", "${A}") == Unknown("!Ref A", "${A}")


def test_a_place_has_its_line_where_there_is_one() -> None:
    assert str(PLACE) == "template.yaml:3 Resources.Mapping"
    assert str(Place("plan.json", "aws_lambda_function.orders")) == "plan.json aws_lambda_function.orders"
    assert str(Place("mapping.json", "")) == "mapping.json"


def test_what_is_known_is_what_is_known_as_a_whole() -> None:
    unknown = Unknown("!Ref A")
    settings = {"a": 1, "b": unknown, "c": {"d": [1, {"e": unknown}]}, "f": {"g": [1, (2,)]}, "h": (unknown,)}
    found = FoundMapping("Mapping", PLACE, settings, places={"a": Place("template.yaml", "a", 7)})
    assert found.known() == {"a": 1, "f": {"g": [1, (2,)]}}
    assert (found.place_of("a").line, found.place_of("b")) == (7, PLACE)
