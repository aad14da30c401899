"""The wheel, installed alone into a fresh environment outside the checkout, serves the demo and answers a search."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
from commands import PATIENCE, wait_for

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
INSTALL_SECONDS = 300


def outside() -> dict[str, str]:
    """An environment in which nothing points at the checkout."""
    leaking = ("HAEDAP_", "DJANGO_", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(leaking)}


def start(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=outside(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INSTALL_SECONDS,
    )


def run(*command: str | Path, cwd: Path) -> str:
    done = start(*command, cwd=cwd)
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


def reachable(folder: Path) -> bool:
    """Whether the registry gives a small package."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    return start(*pip, "--retries", "0", "--timeout", "10", "--dest", folder, "sqlparse", cwd=folder).returncode == 0


def install(wheel: Path, python: Path, folder: Path) -> None:
    """With the pinned dependencies from the registry; only where that cannot be reached, those of this environment."""
    pins = re.findall(r"^([\w.-]+==[^\\\n]+)", (ROOT / "requirements" / "base.txt").read_text(), re.MULTILINE)
    (folder / "pins.txt").write_text("\n".join(pins))
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--disable-pip-version-check"]
    limits = ["--retries", "0", "--timeout", "10", "--constraint", folder / "pins.txt"]
    if reachable(folder):
        run(*pip, *limits, wheel, cwd=folder)
        return
    run(*pip, "--no-index", "--no-deps", "--force-reinstall", wheel, cwd=folder)
    # A plain path: the .pth files in it, so the editable checkout too, are not followed.
    [packages] = python.parents[1].glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", ROOT]
    run(*build, cwd=folder)
    [wheel] = (folder / "dist").glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python: Path = folder / "venv" / "bin" / "python"
    install(wheel, python, folder)
    return python


def test_it_is_imported_from_there_whole(installed, tmp_path):
    where = Path(run(installed, "-c", "import haedap; print(haedap.__file__)", cwd=tmp_path).strip())
    assert where.is_relative_to(installed.parents[1]) and not where.is_relative_to(ROOT)
    ours = {path.relative_to(ROOT / "src/haedap") for path in (ROOT / "src/haedap").rglob("*") if path.is_file()}
    needed = {path for path in ours if "__pycache__" not in path.parts and path.suffix != ".pyc"}
    missing = sorted(str(path) for path in needed if not (where.parent / path).is_file())
    assert not missing, f"the wheel lacks {missing[:10]}"


def test_the_demo_answers_from_an_empty_directory(installed, tmp_path):
    said = tmp_path / "said.txt"
    place = tmp_path / "empty"
    place.mkdir()
    with said.open("wb") as out:
        command = [installed.with_name("haedap"), "demo", "--port", "0"]
        process = subprocess.Popen(command, cwd=place, env=outside(), stdout=out, stderr=out, start_new_session=True)
    try:
        wait_for(lambda: "is serving at" in said.read_text() or process.poll() is not None, "the demo")
        address = re.search(r"serving at (http://\S+)/ ", said.read_text())
        assert address, said.read_text()
        get = lambda path: urllib.request.urlopen(address[1] + path, timeout=PATIENCE).read().decode()  # noqa: E731
        home = get("/")
        assert "여울" in home
        style = re.search(r'href="(/static/[^"]+[.]css[^"]*)"', home)
        assert style and "{" in get(style[1])
        query = quote("비밀번호를 잊어버렸어요")
        found = json.loads(get(f"/api/v1/search?query={query}"))
        assert any("비밀번호" in hit["title"] for hit in found["results"])
        assert found["results"][0]["url"] in get(f"/search?query={query}")
        assert "비밀번호" in get(found["results"][0]["url"])
        assert (place / "haedap-home").is_dir() and [path.name for path in place.iterdir()] == ["haedap-home"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
