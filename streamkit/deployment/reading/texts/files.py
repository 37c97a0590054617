"""A file to its text, or what is wrong with it."""

from __future__ import annotations

import codecs
from pathlib import Path

from streamkit.deployment.found import TemplateError

__all__ = ["MAX_BYTES", "READ", "text_of"]

MAX_BYTES = 33_554_432
"""The largest file that is read: 32 MB, which is room for a plan of some thousand resources."""

READ = (
    "what is read is a SAM or CloudFormation template (YAML or JSON), a Terraform plan as JSON "
    "(terraform show -json PLAN > plan.json), or the JSON of aws lambda get-event-source-mapping, "
    "list-event-source-mappings or create-event-source-mapping --cli-input-json"
)

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def text_of(path: str | Path) -> str:
    """Return the text of a file: UTF-8, or UTF-16 as PowerShell's ``>`` writes it. Raises TemplateError."""
    file = Path(path)
    try:
        folder = file.is_dir()
        data = b"" if folder else _read(file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise TemplateError(f"{path} cannot be read as a template: {reason}; {READ}") from None
    if folder:
        raise TemplateError(_of_folder(file))
    if len(data) > MAX_BYTES:
        raise TemplateError(f"{path} is larger than {MAX_BYTES >> 20} MB, which is too large for a template; {READ}")
    if data.startswith(b"PK\x03\x04"):
        what = "a Terraform plan in its binary form" if b"tfplan" in data[:256] else "a zip archive"
        raise TemplateError(f"{path} is {what}: run terraform show -json PLAN > plan.json and give plan.json; {READ}")
    return _decoded(data, path)


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _decoded(data: bytes, path: str | Path) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise TemplateError(f"{path} is no text: byte {error.start} is not {encoding.upper()}; {READ}") from None
    if "\0" in text:
        raise TemplateError(f"{path} is no text: it has a zero byte; {READ}")
    if not text.strip():
        raise TemplateError(f"{path} is empty; {READ}")
    return text


def _of_folder(folder: Path) -> str:
    templates = [
        one.as_posix()
        for pattern in ("*.template.json", "template.y*ml", "template.json", ".aws-sam/build/template.yaml")
        for one in sorted(folder.glob(pattern))
    ]
    if (folder / "cdk.out").is_dir():
        templates += [one.as_posix() for one in sorted((folder / "cdk.out").glob("*.template.json"))]
    if templates:
        return f"{folder} is a folder: give one of the templates in it: {', '.join(templates)}"
    if any(folder.glob("*.tf")):
        return (
            f"{folder} is a folder of Terraform's: run terraform plan -out=PLAN and terraform show -json PLAN > "
            f"plan.json in it, and give plan.json"
        )
    return f"{folder} is a folder, without a template that streamkit knows by its name; {READ}"
