"""YAML as CloudFormation reads it, with the line of everything, and nothing that a file can do harm with."""

from typing import Any

import pytest
import yaml

from streamkit.deployment.found import TemplateError
from streamkit.deployment.reading.texts import yamltext
from streamkit.deployment.reading.texts.lined import MAX_DEPTH, LinedDict, LinedList
from streamkit.deployment.reading.texts.yamltext import yaml_value


@pytest.fixture(params=["libyaml", "Python"], autouse=True)
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "Python":
        monkeypatch.setattr(yamltext, "_LOADER", yaml.SafeLoader)
    elif not yaml.__with_libyaml__:
        pytest.skip("this PyYAML was built without libyaml")


def value(text: str) -> Any:
    return yaml_value(text, "t.yaml")


def refused(text: str) -> str:
    with pytest.raises(TemplateError) as caught:
        value(text)
    return str(caught.value)


def test_every_member_and_element_knows_its_line() -> None:
    found = value("# first\na:\n  b: 1\n\n  c:\n    - x\n    - y: {z: 1}\nd: |\n  two\n  lines\ne: 5\n")
    assert found == {"a": {"b": 1, "c": ["x", {"y": {"z": 1}}]}, "d": "two\nlines\n", "e": 5}
    assert found.lines == {"a": 2, "d": 8, "e": 11}
    assert found["a"].lines == {"b": 3, "c": 5}
    assert isinstance(found["a"]["c"], LinedList)
    assert found["a"]["c"].lines == [6, 7]
    assert isinstance(found["a"]["c"][1]["y"], LinedDict)
    assert found["a"]["c"][1]["y"].line == 7


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("10", 10),
        ("-1", -1),
        ("0x10", 16),
        ("1.5", 1.5),
        ("true", True),
        ("yes", True),
        ("on", True),
        ("No", False),
        ("~", None),
        ("", None),
        ("'10'", "10"),
        ('"true"', "true"),
        ("2012-10-17", "2012-10-17"),
        ("2010-09-09T10:00:00Z", "2010-09-09T10:00:00Z"),
        ("012345678901", "012345678901"),
        ("! 10", "10"),
        ("!!str 10", "10"),
        ("!!int '10'", 10),
        ("=", "="),
    ],
)
def test_plain_words_are_what_yaml_1_1_says_but_dates_stay_text(text: str, read_as: Any) -> None:
    assert value(f"a: {text}") == {"a": read_as}


def test_names_stay_text_however_they_look() -> None:
    assert value("on: 1\n2012-10-17: 2\n5: 3\n~: 4\n") == {"on": 1, "2012-10-17": 2, "5": 3, "~": 4}


@pytest.mark.parametrize(
    ("text", "long"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Sub 'x'", {"Fn::Sub": "x"}),
        ("!Select [0, !Split [',', !Ref A]]", {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "A"}]}]}),
        ("!If [A, !Ref B, 2]", {"Fn::If": ["A", {"Ref": "B"}, 2]}),
        ("!Transform {Name: A}", {"Fn::Transform": {"Name": "A"}}),
        ("!Sub 5", {"Fn::Sub": "5"}),
        ("!Base64\n  Fn::Sub: x", {"Fn::Base64": {"Fn::Sub": "x"}}),
    ],
)
def test_a_tag_is_the_function_that_it_is_short_for(text: str, long: Any) -> None:
    found = value(f"a: {text}")
    assert found == {"a": long}
    assert found["a"].tagged


def test_anchors_and_merges_are_resolved() -> None:
    found = value(
        "base: &base {a: 1, b: 2}\nname: &name word\none: {<<: *base, b: 3}\ntwo: {<<: [*base, {c: 4}], *name : 5}\n"
        "tag: &tag !Ref X\nagain: [*tag, *name]\n&key k: *key\n"
    )
    assert found["one"] == {"a": 1, "b": 3}
    assert found["two"] == {"a": 1, "b": 2, "c": 4, "word": 5}
    assert found["one"].lines == {"a": 1, "b": 3}
    assert found["again"] == [{"Ref": "X"}, "word"]
    assert found["k"] == "k"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a: 1\nb: 2\na: 3\n",
            "t.yaml:3: 'a' stands here for the second time in one object, after line 1: only the last",
        ),
        ("x:\n  a: 1\n  'a': 2\n", "t.yaml:3: 'a' stands here for the second time"),
        ("a: !Reference b\n", "t.yaml:1: CloudFormation has no function !Reference: it has !And, !Base64"),
        ("a:\n- !python/object:os.system ls\n", "t.yaml:2: CloudFormation has no function !python/object:os.system"),
        ("a: !!python/name:os.system ls\n", "t.yaml:1: CloudFormation has no function tag:yaml.org,2002:python/name"),
        ("a: 1\n---\nb: 2\n", "t.yaml:2: a second YAML document begins here: a template is one document"),
        ("a: [1, 2\nb: 3\n", "t.yaml:2: this is not YAML: while parsing a flow sequence, "),
        ("a: b: c\n", "t.yaml:1: this is not YAML: mapping values are not allowed"),
        ("a:\n\t- b\n", "t.yaml:2: this is not YAML: while scanning for the next token"),
        ("a: \x01\n", "this is not YAML: "),
        ("a: *nothing\n", "t.yaml:1: *nothing stands for nothing: no &nothing is complete before it"),
        ("a: &a [*a]\n", "t.yaml:1: *a stands for nothing"),
        ("? [a]\n: b\n", "t.yaml:1: a name in an object is text, and this one is an object or a list"),
        ("l: &l [a]\n*l : b\n", "t.yaml:2: a name in an object is text, and *l is not"),
        ("<<: 5\n", "t.yaml:1: << takes an object, or a list of objects, whose members are to be here too"),
        ("a: !!int word\n", "t.yaml:1: 'word' is no value of YAML's type int"),
        ("a: !!bool word\n", "t.yaml:1: 'word' is no value of YAML's type bool"),
        ("a: !!int ''\n", "t.yaml:1: '' is no value of YAML's type int"),
        (f"a: {'9' * 5000}\n", "t.yaml:1: '9999999999999999999999999999999999999999' is no value of YAML's type int"),
        ("[" * (MAX_DEPTH + 1), f"t.yaml:1: more than {MAX_DEPTH} objects and lists stand inside of one another here"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, said: str) -> None:
    assert said in refused(text)


def test_aliases_that_multiply_are_stopped_before_they_do() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 20)]
    assert "has more than 500000 values, those that its aliases repeat included" in refused("\n".join(lines))


def test_aliases_count_with_the_depth_of_what_they_repeat() -> None:
    chain = "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, MAX_DEPTH - 1))
    last = MAX_DEPTH - 2
    assert len(value(f"a0: &a0 [x]\n{chain}\n")) == MAX_DEPTH - 1
    assert f"t.yaml:{MAX_DEPTH}: more than 100 objects and lists" in refused(f"a0: &a0 [x]\n{chain}\nz: [*a{last}]\n")
