"""The JSON of AWS's own tools: answers with one mapping or a list, and the input of the commands that change one."""

from __future__ import annotations

from typing import Any

from streamkit.deployment.found import FoundMapping, Place, TemplateError
from streamkit.deployment.reading.settings import as_api
from streamkit.deployment.reading.sources import reads_dynamodb
from streamkit.deployment.reading.texts.lined import LinedDict

__all__ = ["answered", "is_answer"]

_LIST = "EventSourceMappings"
_MEMBERS = {"EventSourceArn", "FunctionArn", "FunctionName", "UUID"}
_TRANSPORT = "ResponseMetadata"
_OFF = ("Disabled", "Disabling")


def is_answer(value: Any) -> bool:
    """Whether a value is one of AWS's answers, the input of a command, or the list inside of an answer."""
    if isinstance(value, list):
        return bool(value) and all(map(is_answer, value))
    return isinstance(value, dict) and (_LIST in value or bool(_MEMBERS & set(value)))


def answered(value: Any, file: str) -> list[FoundMapping]:
    """Return the mappings on DynamoDB streams, each with every member that the answer has.

    An answer says ``FunctionArn`` and ``State`` where a mapping is created with FunctionName and Enabled: those are
    there too.
    """
    listed = value if isinstance(value, list) else value.get(_LIST, [value])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise TemplateError(f"{file}: {_LIST} takes a list of mappings, as list-event-source-mappings answers")
    alone = isinstance(value, dict) and _LIST not in value
    inside = _LIST if isinstance(value, dict) else ""
    found = [_mapping(one, file, "" if alone else f"{inside}[{at}].") for at, one in enumerate(listed)]
    return [one for one in found if one is not None]


def _mapping(answer: dict[str, Any], file: str, path: str) -> FoundMapping | None:
    settings = dict(as_api(name, value) for name, value in answer.items() if name != _TRANSPORT and value is not None)
    places = {}
    for name in answer:
        line = answer.lines[name] if isinstance(answer, LinedDict) else None
        places[as_api(name, None)[0]] = Place(file, f"{path}{name}", line)
    for name, given in (("FunctionName", "FunctionArn"), ("Enabled", "State")):
        if name not in settings and given in settings:
            settings[name] = settings[given] if name == "FunctionName" else settings[given] not in _OFF
            places[name] = places[given]
    if not reads_dynamodb(settings, []):
        return None
    line = answer.line if isinstance(answer, LinedDict) else None
    name = settings.get("UUID") or settings.get("FunctionName") or "the mapping"
    return FoundMapping(str(name), Place(file, path.rstrip("."), line), settings, places=places)
