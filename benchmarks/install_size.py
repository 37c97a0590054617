"""What a Lambda bundle with streamkit weighs: the wheel and what it needs, installed into a folder, per distribution.

    python benchmarks/install_size.py [--wheel FILE] [--constraint FILE]

The wheel is built first, unless one is given, and pip installs it as it would for Lambda: into a folder, without
bytecode, for the Python that runs this. boto3 is not among it, since Lambda has one of its own. Each distribution's
files are counted as they lie there and as they are in a zip file. The yardstick is the same bundle without streamkit's
own files: what a handler that imports the same libraries by itself would carry. It needs a package index.
"""

import argparse
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
OWN = "streamkit-dynamodb"
NOT_ON_LAMBDA = ("api", "cli", "deployment", "local", "testing")
UNUSED = f"{OWN}: {', '.join(NOT_ON_LAMBDA)} (nothing on Lambda imports them)"
COMMANDS = "commands in bin (no function needs them)"
LIMIT = 250 * 2**20
"""Lambda's limit of an unzipped bundle, layers included."""


class Weight(NamedTuple):
    """Bytes, as files and in a zip file."""

    installed: int
    zipped: int


def build(folder: Path) -> Path:
    """Build the wheel of this repository into ``folder``, with the installed hatchling."""
    run(["build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)])
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path, constraint: Path) -> None:
    """Install the wheel and what it needs into ``folder``."""
    options = ["--quiet", "--disable-pip-version-check", "--no-compile", "--constraint", str(constraint)]
    run(["pip", "install", *options, "--target", str(folder), str(wheel)])


def run(command: Sequence[str]) -> None:
    """Run a module of this Python; CalledProcessError if it fails, with what it said of it on the terminal."""
    subprocess.run([sys.executable, "-m", *command], check=True, stdout=subprocess.DEVNULL)


def weigh(folder: Path) -> dict[str, Weight]:
    """Return what each distribution in ``folder`` weighs, by name, the heaviest first."""
    owners = {
        Path(str(one.locate_file(path))).resolve(): one.name
        for one in distributions(path=[str(folder)])
        for path in one.files or ()
    }
    weights: dict[str, Weight] = {}
    with zipfile.ZipFile(io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            archive.write(path, path.relative_to(folder))
            entry = archive.infolist()[-1]
            owner = owners.get(path.resolve(), COMMANDS)
            if owner == OWN and entry.filename.startswith(tuple(f"streamkit/{part}/" for part in NOT_ON_LAMBDA)):
                owner = UNUSED
            # Beside its bytes, a file has a head of 30 bytes in an archive, one of 46 at its end, both with its name.
            zipped = entry.compress_size + 30 + 46 + 2 * len(entry.filename.encode())
            weights[owner] = total([weights.get(owner, Weight(0, 0)), Weight(entry.file_size, zipped)])
    return dict(sorted(weights.items(), key=lambda pair: -pair[1].installed))


def total(weights: Sequence[Weight]) -> Weight:
    return Weight(sum(one.installed for one in weights), sum(one.zipped for one in weights))


def report(weights: dict[str, Weight]) -> list[str]:
    """Return the lines that are printed: each distribution, the whole, streamkit's share."""
    own = total([weight for name, weight in weights.items() if name in (OWN, UNUSED)])
    rest = total([weight for name, weight in weights.items() if name not in (OWN, UNUSED)])
    whole = total([own, rest])
    files, zipped = own.installed / rest.installed, own.zipped / rest.zipped
    return [
        f"{'installed':>12}{'zipped':>12}",
        *(
            f"{megabytes(weight.installed):>12}{megabytes(weight.zipped):>12}  {name}"
            for name, weight in [*weights.items(), ("the whole bundle", whole)]
        ),
        f"streamkit adds {files:.2f} x to what it needs, {zipped:.2f} x zipped",
        f"the bundle is {whole.installed / LIMIT:.1%} of the {LIMIT // 2**20} MB that Lambda allows",
    ]


def megabytes(size: int) -> str:
    """Return bytes in millions."""
    return f"{size / 1e6:.2f} MB"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, help="a wheel that is built already")
    parser.add_argument("--constraint", type=Path, default=ROOT / "constraints.txt", help="the versions to install")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        install(given.wheel or build(Path(folder)), bundle, given.constraint)
        print("\n".join(report(weigh(bundle))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
