"""``MODULE:HANDLER`` to the handler, and what is said where that does not work."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

import streamkit
from tests.cli.project import Project

PACKAGE = Path(streamkit.__file__).parent


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


def refusal(project: Project, target: str) -> str:
    return project.refusal("run", target, "--events", "events.jsonl")


@pytest.mark.parametrize("target", ["app", ":handler", "app:", ":", "", "app.handler", "a.b:", ":a.b"])
def test_a_target_without_two_halves_is_told_the_form(project: Project, target: str) -> None:
    message = refusal(project, target)
    assert message.startswith("Usage: ")
    assert f"Error: {target!r} is not of the form MODULE:ATTRIBUTE, for example app:handler\n" in message


def test_a_dot_in_the_place_of_the_colon_is_told_where_the_colon_belongs(project: Project) -> None:
    assert refusal(project, "orders.app.handle").endswith(", for example orders.app:handle\n")


@pytest.mark.parametrize(
    ("target", "wrong"), [("app.py", "app:py"), ("src/app.py", "src/app:py"), (".app", " :app"), ("app.", " app:")]
)
def test_what_is_given_as_an_example_has_the_form_that_is_asked_for(project: Project, target: str, wrong: str) -> None:
    message = refusal(project, target)
    assert not message.endswith(f"{wrong}\n")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("./app.py", "'./app.py' is a path; name the module: app:handler"),
        ("./app", "'./app' is a path; name the module: app:handler"),
        ("src/orders/app.py", "'src/orders/app.py' is a path; name the module: src.orders.app:handler"),
        ("app.py", "'app.py' is a path; name the module: app:handler"),
        ("..", "'..' is a path; name the module: app:handler"),
    ],
)
def test_a_path_is_answered_with_the_name_of_its_module(project: Project, path: str, words: str) -> None:
    message = refusal(project, f"{path}:handler")
    assert message.startswith("Usage: ")
    assert message.endswith(f"Error: {words}\n")


def test_a_missing_module_is_named_with_the_folder_that_was_searched(project: Project) -> None:
    assert refusal(project, "no_such_module:handler") == (
        f"Error: there is no module 'no_such_module' in {project.folder} or among the installed packages: "
        f"run streamkit from the folder that holds it\n"
    )


def test_of_a_dotted_name_the_part_that_is_missing_is_named(project: Project) -> None:
    package = f"package_{uuid4().hex}"
    (project.folder / package).mkdir()
    project.write(f"{package}/__init__.py", "")
    assert f"there is no module '{package}.orders' in" in refusal(project, f"{package}.orders.app:handler")
    assert "there is no module 'nowhere' in" in refusal(project, "nowhere.orders.app:handler")


def test_a_module_in_a_package_is_found(project: Project) -> None:
    package = f"package_{uuid4().hex}"
    (project.folder / package).mkdir()
    project.write(f"{package}/app.py", "def handler(event, context): print('called')")
    result = project.call("run", f"{package}.app:handler", "--events", "events.jsonl")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "called")


@pytest.mark.parametrize("path", ["./{}.py", "./{}", "..{}", "src/{}.py"])
def test_a_path_in_the_place_of_a_module_is_told_so(project: Project, path: str) -> None:
    message = refusal(project, path.format(project.module) + ":handler")
    assert "in its own code" not in message
    assert f"{project.module}:handler" in message, "what to write instead"


def test_a_file_name_in_the_place_of_a_module_is_told_the_modules_name(project: Project) -> None:
    message = refusal(project, f"{project.module}.py:handler")
    assert f"{project.module}:handler" in message


def test_the_current_folder_comes_first_even_if_it_is_in_the_path_already(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.folder / "installed").mkdir()
    project.write(f"installed/{project.module}.py", "def handler(event, context): print('the installed one')")
    monkeypatch.setattr(sys, "path", [str(project.folder / "installed"), *sys.path, str(project.folder)])
    importlib.invalidate_caches()
    result = project.run("handler")
    assert "the installed one" not in result.stdout
    assert "handled 3" in result.stdout


def test_a_module_that_hides_behind_an_installed_one_of_its_name_is_explained(project: Project) -> None:
    project.write("json.py", "def handler(event, context): ...")
    message = refusal(project, "json:handler")
    assert "has no 'handler'" in message
    assert "json/__init__.py" in message


def test_a_module_without_a_file_is_said_to_be_built_in(project: Project) -> None:
    assert refusal(project, "sys:handler").startswith("Error: module 'sys' (built in) has no 'handler': ")


def test_an_error_on_import_shows_the_users_own_traceback(project: Project) -> None:
    project.app("def table():\n    raise RuntimeError('TABLE is not set')\n\ntable()\n")
    file = project.folder / f"{project.module}.py"
    message = refusal(project, f"{project.module}:handler")
    # From Python 3.13 on carets stand below the lines.
    assert re.sub(r"(?m)^ +[~^]+\n", "", message) == (
        f"Error: importing {project.module} failed, in its own code:\n\n"
        f"Traceback (most recent call last):\n"
        f'  File "{file}", line 4, in <module>\n    table()\n'
        f"  File \"{file}\", line 2, in table\n    raise RuntimeError('TABLE is not set')\n"
        f"RuntimeError: TABLE is not set\n"
    )


def test_a_syntax_error_is_shown_with_its_file_and_line(project: Project) -> None:
    project.app("x = 1\ndef handler(:\n")
    message = refusal(project, f"{project.module}:handler")
    assert f'File "{project.folder}/{project.module}.py", line 2\n' in message
    assert message.endswith("SyntaxError: invalid syntax\n")


def test_a_module_that_ends_the_process_is_shown(project: Project) -> None:
    project.app("import sys\nsys.exit('no credentials')\n")
    message = refusal(project, f"{project.module}:handler")
    assert f'{project.module}.py", line 2, in <module>\n' in message
    assert message.endswith("SystemExit: no credentials\n")


def test_control_c_during_the_import_ends_the_command(project: Project) -> None:
    project.app("raise KeyboardInterrupt")
    result = project.run("handler")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Aborted!" in result.stderr


def test_an_import_that_the_module_misses_is_its_own_failure(project: Project) -> None:
    project.app("import requests_of_the_future\n")
    message = refusal(project, f"{project.module}:handler")
    assert message.startswith(f"Error: importing {project.module} failed, in its own code:\n")
    assert f'{project.module}.py", line 1, in <module>\n    import requests_of_the_future\n' in message
    assert message.endswith("ModuleNotFoundError: No module named 'requests_of_the_future'\n")


def test_a_name_that_an_import_misses_is_the_modules_own_failure(project: Project) -> None:
    project.app("from streamkit import stream_handlers\n")
    assert "ImportError: cannot import name 'stream_handlers' from 'streamkit'" in refusal(
        project, f"{project.module}:handler"
    )


def test_a_module_not_found_without_a_name_is_the_modules_own_failure(project: Project) -> None:
    project.app("raise ModuleNotFoundError('the plug-in')\n")
    assert refusal(project, f"{project.module}:handler").endswith("ModuleNotFoundError: the plug-in\n")


def test_the_users_traceback_is_shown_wherever_the_project_lies(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.folder / "importlib-course").mkdir()
    monkeypatch.chdir(project.folder / "importlib-course")
    name = f"course_{uuid4().hex}"
    project.write(f"importlib-course/{name}.py", "1 / 0")
    assert f'{name}.py", line 1, in <module>' in refusal(project, f"{name}:handler")


def test_the_cause_behind_an_error_on_import_is_shown_too(project: Project) -> None:
    project.app("try:\n    {}['TABLE']\nexcept KeyError as error:\n    raise RuntimeError('no settings') from error\n")
    message = refusal(project, f"{project.module}:handler")
    assert "KeyError: 'TABLE'" in message
    assert message.endswith("RuntimeError: no settings\n")


@pytest.mark.parametrize(("raised", "links"), [("from error", 1), ("", 1), ("from None", 0)])
def test_of_every_exception_of_a_chain_only_the_users_frames_are_shown(
    project: Project, raised: str, links: int
) -> None:
    project.app(
        f"""
        from streamkit import stream_handler
        try:
            @stream_handler
            def handler(change): ...
        except Exception as error:
            raise RuntimeError("no handler") {raised}
        """
    )
    message = refusal(project, f"{project.module}:handler")
    assert message.count("Traceback (most recent call last):") == 1 + links
    assert message.count(f'{project.module}.py", line ') == message.count('  File "') == 1 + links
    assert ("direct cause" in message, "During handling" in message) == (raised == "from error", raised == "")


def test_the_machinery_that_imports_is_not_shown_wherever_it_stands(project: Project) -> None:
    other = f"other_{uuid4().hex}"
    project.write(f"{other}.py", "1 / 0")
    project.app(f"import importlib\nimportlib.import_module('{other}')\n")
    message = refusal(project, f"{project.module}:handler")
    assert f'{project.module}.py", line 2, in <module>' in message
    assert f'{other}.py", line 1, in <module>' in message
    assert message.count('  File "') == 2


def test_other_packages_frames_are_shown(project: Project) -> None:
    project.app("import json\njson.loads('{')\n")
    message = refusal(project, f"{project.module}:handler")
    assert "json/decoder.py" in message
    assert "json.decoder.JSONDecodeError" in message


def test_of_the_exceptions_of_a_group_too_only_the_users_frames_are_shown(project: Project) -> None:
    project.app(
        """
        from streamkit import stream_handler
        try:
            @stream_handler
            def handler(change): ...
        except Exception as error:
            raise ExceptionGroup("several", [error]) from None
        """
    )
    message = refusal(project, f"{project.module}:handler")
    assert message.count(' File "') == message.count(f'{project.module}.py", line ') == 2


def test_the_traceback_is_shown_of_a_folder_whose_name_begins_with_the_packages(tmp_path: Path) -> None:
    (tmp_path / "streamkit").symlink_to(PACKAGE)
    folder = tmp_path / "streamkit-orders"
    folder.mkdir()
    (folder / "app.py").write_text("1 / 0")
    finished = subprocess.run(  # our own package
        [sys.executable, "-c", "from streamkit.cli import main; main()", "run", "app:handler", "--events", "e"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.stderr.endswith("ZeroDivisionError: division by zero\n"), "else this test is wrong"
    assert f'File "{folder}/app.py", line 1, in <module>' in finished.stderr


def test_a_parameter_without_annotation_is_refused_at_decoration(project: Project) -> None:
    project.app("from streamkit import stream_handler\n\n@stream_handler\ndef handler(change): ...\n")
    message = refusal(project, f"{project.module}:handler")
    assert f'{project.module}.py", line 3, in <module>' in message
    assert f"parameter 'change' of {project.module}.handler() has no annotation" in message
    assert "use Change[Order], Insert[Order]" in message


def test_a_refused_decoration_shows_the_users_line_and_not_streamkits(project: Project) -> None:
    project.app("from streamkit import stream_handler\n\n@stream_handler\ndef handler(change): ...\n")
    assert refusal(project, f"{project.module}:handler").count('  File "') == 1


def test_a_missing_attribute_is_answered_with_the_modules_handlers(project: Project) -> None:
    message = refusal(project, f"{project.module}:handle")
    assert message.startswith(f"Error: module '{project.module}' ")
    assert message.endswith("has no 'handle': its handlers are handler, poison\n")


def test_the_handlers_are_listed_by_name_without_other_functions(project: Project) -> None:
    project.app(
        """
        from streamkit import Change, stream_handler

        @stream_handler
        def ship(change: Change) -> None: ...

        @stream_handler
        def bill(change: Change) -> None: ...

        def helper(event, context): ...
        helper.mapping = {"some": "table"}
        """
    )
    assert refusal(project, f"{project.module}:handler").endswith("has no 'handler': its handlers are bill, ship\n")


def test_a_missing_attribute_of_a_handler_is_answered_in_the_same_way(project: Project) -> None:
    message = refusal(project, f"{project.module}:handler.process")
    assert "has no 'handler.process': its handlers are handler, poison" in message


def test_a_module_without_any_handler_is_told_what_makes_one(project: Project) -> None:
    project.app("def helper(change): ...")
    message = refusal(project, f"{project.module}:handler")
    assert "has no 'handler': it has no function decorated with @stream_handler\n" in message


def test_a_handler_may_be_an_attribute_of_an_object(project: Project) -> None:
    project.app("class Orders:\n    def handle(self, event, context): print('called')\norders = Orders()\n")
    result = project.run("orders.handle")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "called")


def test_an_object_that_can_be_called_is_a_handler(project: Project) -> None:
    project.app("class Handler:\n    def __call__(self, event, context): print('called')\nhandler = Handler()\n")
    result = project.run("handler")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "called")


def test_an_attribute_of_another_meaning_named_mapping_does_not_matter(project: Project) -> None:
    project.app("def handler(event, context): ...\nhandler.mapping = {'orders': 'table'}\n")
    assert project.run("handler").exit_code == 0


def test_middleware_around_a_handler_keeps_its_settings(project: Project) -> None:
    project.app(
        """
        import functools
        from streamkit import Change, stream_handler

        def middleware(function):
            @functools.wraps(function)
            def wrapper(event, context):
                print("before")
                return function(event, context)
            return wrapper

        @middleware
        @stream_handler(batch_size=1)
        def handler(change: Change) -> None: ...
        """
    )
    assert project.run("handler").stdout.count("before\n") == 3


@pytest.mark.parametrize("value", ["3", "None", "'text'", "{'BatchSize': 1}"])
def test_what_cannot_be_called_is_no_handler(project: Project, value: str) -> None:
    project.app(f"settings = {value}")
    target = f"{project.module}:settings"
    assert refusal(project, target) == (
        f"Error: {target} is {value}, not a handler: it takes a function decorated with @stream_handler, "
        f"or a Lambda handler (event, context)\n"
    )


def test_a_class_is_no_handler(project: Project) -> None:
    project.app("class Handler:\n    def __init__(self, event, context): ...\n")
    message = refusal(project, f"{project.module}:Handler")
    assert f"is <class '{project.module}.Handler'>, not a handler" in message


@pytest.mark.parametrize("signature", ["change", "", "event, context, extra", "*, event, context"])
def test_a_function_that_lambda_could_not_call_is_asked_about_its_decorator(project: Project, signature: str) -> None:
    project.app(f"def process({signature}): ...")
    target = f"{project.module}:process"
    assert refusal(project, target) == (
        f"Error: {target} cannot be called as a Lambda handler, with (event, context): is @stream_handler missing?\n"
    )


def test_a_builtin_without_a_signature_is_left_to_its_first_invocation(project: Project) -> None:
    project.app("handler = max")
    result = project.run("handler", "--maximum-retry-attempts", "0")
    assert result.exit_code == 1
    assert "TypeError: '>' not supported" in result.stderr


def test_an_option_that_does_not_exist_is_answered_with_the_one_that_does(project: Project) -> None:
    message = project.refusal("run", f"{project.module}:handler", "--events", "events.jsonl", "--batchsize", "3")
    assert "No such option '--batchsize'" in message
    assert "--batch-size" in message
