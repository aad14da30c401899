"""Seconds and memory of indexing a collection, and how soon a published article is found."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.child import alone, peak_megabytes
from benchmarks.common import Context, analyzer, documents, embed_all, memory, quiet_environment
from benchmarks.server import Server, ServerFailed, command, serving
from benchmarks.tables import table, verdict
from haedap.search import IndexWriter, open_embedder
from haedap.search.evaluate import read_dataset

PATIENCE = 30.0
_PUBLISH = """
import sys, time, django
django.setup()
from haedap.kb.publishing import ArticleDraft, VariantDraft, create_article
print("ready", flush=True)
for line in sys.stdin:
    code = line.strip()
    draft = ArticleDraft(f"{code} 설정 안내", (VariantDraft((), f"{code} 기능은 설정 화면에서 켤 수 있습니다."),))
    started = time.time()
    create_article(draft, publish=True)
    print(started, time.time(), flush=True)
"""


def run(context: Context) -> str:
    """Lexical index, all vectors, peak memory; publish to searchable over HTTP."""
    dataset = context.main
    built = alone(build, context.path(dataset.name), context.folder / "built", context.cache / "models")
    waits = publish_to_searchable(context.folder / "home", 5 if context.quick else 20)
    lexical, vectors = built["lexical"], built["vectors"]
    indexed_mb, peak_mb = built["peak_lexical"], built["peak"]
    rows = [
        ("lexical index, s", lexical, 30.0, verdict(lexical, 30)),
        (f"{built['texts']:.0f} vectors with e5, one thread, s more", vectors, 150.0, verdict(vectors, 150)),
        ("passages/s with e5", built["texts"] / max(vectors, 1e-9), None, ""),
        ("peak resident memory after the lexical index, MB", indexed_mb, 1200.0, verdict(indexed_mb, 1200)),
        ("peak resident memory after all vectors, MB", peak_mb, 1200.0, verdict(peak_mb, 1200)),
        ("of these the analyzer and the embedder, loaded, MB", built["loaded"], None, ""),
        ("index on disk, MB", built["megabytes"], None, ""),
        ("publish to searchable over HTTP, median s", median(waits), 1.0, verdict(median(waits), 1)),
        (f"publish to searchable over HTTP, slowest of {len(waits)}, s", max(waits), 1.0, verdict(max(waits), 1)),
    ]  # fmt: skip
    about = (
        f"{len(dataset.documents):,} articles of {dataset.name}. Publishing: `haedap serve` on the demo; from the call "
        "that publishes (of another process) to the first answer of `GET /api/v1/search` that shows this article."
    )
    return f"{about}\n\n{table(('what', 'measured', 'budget', ''), rows)}"


def build(folder: Path, root: Path, models: Path) -> dict[str, float]:
    """Index and embed a collection in this process, which should be fresh; seconds and MB."""
    dataset = read_dataset(folder)
    embedder = open_embedder("e5", models)
    articles = documents(dataset)
    analyzer()
    loaded = memory()["pss"]
    started = time.perf_counter()
    with IndexWriter(root / "index", analyzer(), embedder) as writer:
        for article in articles:
            writer.replace(article)
        writer.commit()
        indexed = time.perf_counter()
        peak_lexical = peak_megabytes()
        texts = embed_all(writer)
        embedded = time.perf_counter()
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) / 1e6
    return {
        "lexical": indexed - started,
        "vectors": embedded - indexed,
        "texts": texts,
        "loaded": loaded,
        "peak_lexical": peak_lexical,
        "peak": peak_megabytes(),
        "megabytes": size,
    }


def publish_to_searchable(home: Path, times: int) -> list[float]:
    """Seconds from publishing an article to finding it, for so many articles one after the other."""
    command(home, "demo", "--load-only")
    with serving(home) as server:
        editor = subprocess.Popen(
            [sys.executable, "-c", _PUBLISH],
            env=quiet_environment(home, DJANGO_SETTINGS_MODULE="haedap.settings"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert editor.stdin and editor.stdout
        try:
            if editor.stdout.readline().strip() != "ready":
                raise ServerFailed("the process that publishes did not start; its own message stands above")
            return [_publish(editor, server, f"zqx{number:03}k") for number in range(times)]
        finally:
            editor.stdin.close()
            editor.wait(30)


def _publish(editor: subprocess.Popen[str], server: Server, code: str) -> float:
    assert editor.stdin and editor.stdout
    editor.stdin.write(f"{code}\n")
    editor.stdin.flush()
    started, _ = map(float, editor.stdout.readline().split())
    while not any(title.startswith(code) for title in server.titles(code)):
        if time.time() - started > PATIENCE:
            raise ServerFailed(f"an article published {PATIENCE:.0f} s ago is still not found")
    return time.time() - started
