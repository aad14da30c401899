"""Starts ``java/LuceneNori.java`` where Java and Lucene's jars are, as the other side of the lexical benchmark."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.common import Skip
from haedap.search.evaluate import Dataset

SOURCE = Path(__file__).parent / "java" / "LuceneNori.java"
PLACES = (Path("/usr/share/java"), Path.home() / ".m2" / "repository" / "org" / "apache" / "lucene")
NEEDED = (
    r"lucene-core",
    r"lucene-analy(?:zers|sis)-nori",
    r"lucene-analy(?:zers|sis)-common",
    r"lucene-queryparser",
    r"lucene-queries",
    r"lucene-sandbox",
    r"lucene-memory",
)
_MUST_HAVE = 4


class Lucene:
    """A running Lucene over one collection and one list of queries."""

    def __init__(self, process: subprocess.Popen[str], version: str, index_seconds: float) -> None:
        self._process = process
        self.version = version
        self.index_seconds = index_seconds

    def round(self, cpu: list[float] | None = None) -> list[float]:
        """Milliseconds of every query, in order; ``cpu``, when given, gets those its thread computed."""
        cells = [cell.split(":") for cell in self._ask("time")]
        if cpu is not None:
            cpu.extend(int(computed) / 1e6 for _, computed in cells)
        return [int(waited) / 1e6 for waited, _ in cells]

    @property
    def pid(self) -> int:
        """The process that answers."""
        return self._process.pid

    def ids(self) -> list[list[int]]:
        """The document numbers of every query's ten best."""
        return [[int(number) for number in cell.split(",") if number] for cell in self._ask("ids")]

    def _ask(self, order: str) -> list[str]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().rstrip("\n").split("\t")


@contextmanager
def running(dataset: Dataset, queries: Sequence[str], folder: Path) -> Iterator[Lucene]:
    """Compile, index and wait for rounds; what an earlier run left in ``folder`` is used as it is.

    Raises Skip where Java or a jar is missing.
    """
    if not shutil.which("javac") or not shutil.which("java"):
        raise Skip("no Java here (java and javac, JDK 11 or later), so no comparison with Lucene + nori")
    jars, version = _jars()
    folder.mkdir(parents=True, exist_ok=True)
    classpath = os.pathsep.join([str(folder), *map(str, jars)])
    if not (folder / "LuceneNori.class").exists():
        _compile(classpath, folder, version)
    corpus, asked = folder / "corpus.tsv", folder / "queries.txt"
    corpus.write_text("".join(f"{_line(t)}\t{_line(b)}\n" for _, t, b in dataset.documents), encoding="utf-8")
    asked.write_text("".join(f"{_line(query)}\n" for query in queries), encoding="utf-8")
    process = subprocess.Popen(
        ["java", "-cp", classpath, "-Xmx1g", "LuceneNori", str(corpus), str(asked), str(folder / "index")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdin and process.stdout
        ready = process.stdout.readline().split()
        if ready[:1] != ["ready"]:
            raise Skip(f"Lucene {version} did not start; its own message stands above")
        yield Lucene(process, version, int(ready[1]) / 1e9)
    finally:
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _compile(classpath: str, folder: Path, version: str) -> None:
    done = subprocess.run(
        ["javac", "-nowarn", "-cp", classpath, "-d", str(folder), str(SOURCE)], capture_output=True, text=True
    )
    if done.returncode:
        raise Skip(f"javac does not accept these jars of Lucene {version}: {done.stderr.strip().splitlines()[0]}")


def _jars() -> tuple[list[Path], str]:
    """The jars of the newest version that has all that is needed, from LUCENE_JARS or the usual places."""
    own = os.environ.get("LUCENE_JARS")
    places = (Path(own),) if own else PLACES
    by_version: dict[str, dict[str, Path]] = {}
    for place in places:
        for jar in sorted(place.rglob("lucene-*.jar")) if place.is_dir() else ():
            match = re.fullmatch(r"(lucene-[a-z0-9-]+?)-(\d+\.\d+\.\d+)\.jar", jar.name)
            if match:
                by_version.setdefault(match[2], {})[match[1]] = jar
    for version in sorted(by_version, key=lambda text: tuple(map(int, text.split("."))), reverse=True):
        found = [[jar for name, jar in by_version[version].items() if re.fullmatch(p, name)] for p in NEEDED]
        if all(found[:_MUST_HAVE]):
            return [jar for jars in found for jar in jars], version
    where = ", ".join(map(str, places))
    raise Skip(
        f"no Lucene jars with nori in {where} (Debian and Ubuntu: apt-get install liblucene8-java; or put the jars of "
        "lucene-core, -analysis-common, -analysis-nori and -queryparser in a folder and name it in LUCENE_JARS)"
    )


def _line(text: str) -> str:
    return " ".join(text.split())
