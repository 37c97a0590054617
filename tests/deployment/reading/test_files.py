"""Files that are no template, each told what it is and what is read in its place."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from streamkit.deployment.found import TemplateError
from streamkit.deployment.reading import read_template
from streamkit.deployment.reading.texts import files, yamltext
from tests.deployment.reading.templates import DATA, refused, stack

READ = "what is read is a SAM or CloudFormation template (YAML or JSON), a Terraform plan as JSON"


def said_of(path: Path) -> str:
    with pytest.raises(TemplateError) as caught:
        read_template(path)
    return str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.yaml"
    assert said_of(path).startswith(f"{path} cannot be read as a template: No such file or directory; {READ}")
    assert "cannot be read as a template: embedded null byte" in said_of(Path("a\0b"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "FILE is empty; "),
        (b" \n\n", "FILE is empty; "),
        (b"\xef\xbb\xbf", "FILE is empty; "),
        (b"\x89PNG\r\n", "FILE is no text: byte 0 is not UTF-8; "),
        (b"\xff\xfea", "FILE is no text: byte 2 is not UTF-16; "),
        (b"a: \0", "FILE is no text: it has a zero byte; "),
        (b"PK\x03\x04....tfplanUT", "FILE is a Terraform plan in its binary form: run terraform show -json PLAN >"),
        (b"PK\x03\x04....app.py", "FILE is a zip archive: run terraform show"),
    ],
)
def test_what_is_no_text_is_told(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "t"
    path.write_bytes(data)
    message = said_of(path).replace(str(path), "FILE")
    assert message.startswith(said)
    assert READ in message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_that_editors_and_shells_write_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.json"
    path.write_bytes((DATA / "orders.plan.json").read_text(encoding="utf-8").encode(encoding))
    assert len(read_template(path)) == 1


def test_what_is_too_large_is_told_and_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.json"
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)  # a hole: no disk is written
    assert said_of(path).startswith(f"{path} is larger than 32 MB, which is too large for a template; {READ}")
    monkeypatch.setattr(yamltext, "MAX_BYTES", 100)
    path.write_text("Resources:\n" + "#" * 100)
    assert said_of(path) == f"{path} is larger than 0 MB: CloudFormation takes templates of 1 MB"


def test_without_pyyaml_json_is_read_and_yaml_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, yamltext.__name__, None)
    assert len(read_template(DATA / "orders.cdk.template.json")) == 1
    assert refused(tmp_path, "Resources: {}") == (
        "FILE is YAML, which is read with PyYAML, and that is not installed: pip install 'streamkit-dynamodb[local]'"
    )


def test_a_pipe_is_read_like_a_file() -> None:
    reading, writing = os.pipe()
    os.write(writing, json.dumps(stack()).encode())
    os.close(writing)
    try:
        assert len(read_template(f"/dev/fd/{reading}")) == 1
    finally:
        os.close(reading)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], f"FOLDER is a folder, without a template that streamkit knows by its name; {READ}"),
        (
            ["Shop.template.json", "manifest.json"],
            "FOLDER is a folder: give one of the templates in it: FOLDER/Shop.tem",
        ),
        (
            ["cdk.out/Shop.template.json"],
            "FOLDER is a folder: give one of the templates in it: FOLDER/cdk.out/Shop.tem",
        ),
        (["template.yaml"], "FOLDER is a folder: give one of the templates in it: FOLDER/template.yaml"),
        (["main.tf"], "FOLDER is a folder of Terraform's: run terraform plan -out=PLAN and terraform show -json PLAN"),
    ],
)
def test_of_a_folder_is_told_what_in_it_is_read(tmp_path: Path, names: list[str], said: str) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert said_of(tmp_path).replace(str(tmp_path), "FOLDER").startswith(said)


HCL = 'resource "aws_lambda_event_source_mapping" "orders" {\n  batch_size = 10\n}\n'
ARTIFACTS = {"Shop": {"properties": {"templateFile": "Shop.template.json"}}, "Tree": {"properties": 1}, "x": 1}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (HCL, "FILE is Terraform's own language, which holds names and not their values: run terraform plan"),
        ("terraform {\n}\n", "FILE is Terraform's own language"),
        ('module "a" {\n}\n', "FILE is Terraform's own language"),
        ("<html></html>", "FILE is a page or XML; "),
        ("just words", "FILE holds the text or number 'just words', and a template is an object; "),
        ("---\n", "FILE holds nothing, and a template is an object; "),
        ("[1, 2]", "FILE holds a list, and a template is an object; "),
        ("- a\n- b\n", "FILE holds a list, and a template is an object; "),
        ("[]", "FILE holds a list, and a template is an object; "),
        ({}, "FILE is no template: it has no Resources, it has nothing; "),
        ({"name": 1, "scripts": {}}, "FILE is no template: it has no Resources, it has name, scripts; "),
        (
            {"artifacts": ARTIFACTS},
            "FILE is the manifest of a CDK application with the templates Shop.template.json: give",
        ),
        ({"artifacts": 5}, "FILE is the manifest of a CDK application: give a template of the same folder"),
        ({"app": "python app.py", "context": {}}, "FILE is the configuration of a CDK application: run cdk synth"),
        (
            {"TemplateBody": {}},
            "FILE is an answer of aws cloudformation get-template, whose TemplateBody is a template",
        ),
        ({"service": "shop", "provider": {}, "functions": {}}, "FILE is a serverless.yml, which is not read: run "),
        (
            {"serial": 1, "lineage": "a", "resources": []},
            "FILE is a state file of Terraform's: run terraform show -json",
        ),
        ({"Resources": []}, "FILE: Resources takes an object of resources, each with Type"),
        ({"Resources": {"A": 5}}, "FILE:1 Resources.A: a resource is an object with Type and Properties"),
        ({"EventSourceMappings": {}}, "FILE: EventSourceMappings takes a list of mappings"),
        ({"format_version": "2.0"}, "FILE is of Terraform's JSON format 2.0: versions 0 and 1 are read"),
        ({"format_version": "1.2"}, "FILE has Terraform's format_version, and neither planned_values nor values"),
        ({"format_version": "1.2", "planned_values": {}, "errored": True}, "FILE is a plan that failed, so that it"),
    ],
    ids=str,
)
def test_what_is_no_template_is_told_and_what_to_give_instead(tmp_path: Path, given: Any, said: str) -> None:
    assert refused(tmp_path, given).startswith(said)


def test_a_file_is_told_to_be_terraforms_by_its_name_too(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    path.write_text("# nothing yet\n")
    assert said_of(path).startswith(f"{path} is Terraform's own language")


@pytest.mark.parametrize("given", [{"Resources": {}}, {"Resources": {}, "Transform": "AWS::Serverless-2016-10-31"}])
def test_a_template_without_a_mapping_has_none(tmp_path: Path, given: Any) -> None:
    path = tmp_path / "t"
    path.write_text(json.dumps(given))
    assert read_template(path) == []
