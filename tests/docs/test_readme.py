"""The README's code runs as it stands."""

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def test_the_library_example_runs_and_finds(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(code.strip().splitlines()) <= 17
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    assert "비밀번호를 분실했어요" in done.stdout


def test_both_readmes_show_the_two_commands_and_the_same_pictures() -> None:
    shown = []
    for path in (README, README.with_name("README.ko.md")):
        text = path.read_text(encoding="utf-8")
        assert "make demo" in text and "make test" in text
        shown.append(re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text))
    assert shown[0] == shown[1] and shown[0]
    assert all((README.parent / picture).is_file() for picture in shown[0])
