"""The stubs of what ships no types, held against what is installed; stubs/README.md says what cannot be."""

import ast
import subprocess
import sys
from pathlib import Path

from botocore.config import Config

ROOT = Path(__file__).parents[2]
STUBS = ROOT / "stubs"
LINUX_ONLY = {"awslambdaric"}


def parameters(path: str, *names: str) -> list[str]:
    """Return the names of the parameters of a function, or of a class's method, as a stub has them."""
    node: ast.AST = ast.parse((STUBS / path).read_text())
    for name in names:
        inside = ast.iter_child_nodes(node)
        node = next(one for one in inside if isinstance(one, ast.FunctionDef | ast.ClassDef) and one.name == name)
    assert isinstance(node, ast.FunctionDef)
    return [one.arg for one in (*node.args.args, *node.args.kwonlyargs) if one.arg != "self"]


def test_stubtest_finds_nothing_that_is_otherwise_than_the_stubs_say() -> None:
    packages = {path.name for path in STUBS.iterdir() if path.is_dir()}
    if sys.platform != "linux":  # where AWS builds no client
        packages -= LINUX_ONLY
    stubtest = [sys.executable, "-m", "mypy.stubtest", "--mypy-config-file", "pyproject.toml", "--ignore-missing-stub"]
    command = [*stubtest, "--allowlist", str(STUBS / "allowlist.txt"), *sorted(packages)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603  # our own command
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_option_of_the_configs_stub_is_one() -> None:
    options = parameters("botocore/config.pyi", "Config", "__init__")
    assert options
    assert set(options) <= set(Config.OPTION_DEFAULTS)


def test_the_client_of_the_default_session_is_made_with_what_any_sessions_is() -> None:
    assert parameters("boto3/__init__.pyi", "client") == parameters("boto3/session.pyi", "Session", "client")


def test_each_line_of_the_allowlist_has_a_reason() -> None:
    reason = False
    for line in (STUBS / "allowlist.txt").read_text().splitlines():
        if line.startswith("#"):
            reason = True
        elif line:
            assert reason, line
        else:
            reason = False
