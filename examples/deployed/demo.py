"""A template that somebody wrote by hand, what of it does not fit the code, and the one that the code itself gives.

python -m examples.deployed.demo
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = "examples.deployed.app:handler"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        mended = str(Path(folder) / "mended.yaml")
        scenes = [
            (
                "1. Deployed by hand a year ago, and cfn-lint has no complaint (examples/deployed/template.yaml):",
                ["check", TARGET, "--template", "examples/deployed/template.yaml"],
                1,
            ),
            (
                "2. The mapping from the handler: every setting, the filter, and no more permissions than it takes:",
                ["export", "sam", TARGET, "--output", mended],
                0,
            ),
            ("3. That one fits:", ["check", TARGET, "--template", mended], 0),
            (
                "4. The permissions alone, for a role that is made elsewhere:",
                ["export", "iam", TARGET, "--table-name", "orders"],
                0,
            ),
        ]
        for text, arguments, expected in scenes:
            shown = " ".join(arguments).replace(mended, "mended.yaml")
            print(f"\n{text}\n\n$ streamkit {shown}\n", flush=True)
            command = [sys.executable, "-m", "streamkit", *arguments]
            run = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
            print((run.stdout + run.stderr).replace(mended, "mended.yaml").rstrip())
            print(f"(exit code {run.returncode})", flush=True)
            if run.returncode != expected:
                return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
