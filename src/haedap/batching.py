"""Queries from the terminal: one, or a file of them from one process.

A line that cannot be searched gets an object that says so, never an end of the run; a line of any length is read with
bounded memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import click

from haedap.kb.searching import SearchParams, center
from haedap.search.text import normalize
from haedap.search.types import MAX_QUERY

LINE_BYTES = 16 * MAX_QUERY
"""More of a line is read and thrown away: it is too long whatever it says."""


def answer(text: str, params: SearchParams, *, explain: bool = False) -> dict[str, Any]:
    """The result object of one query; with ``explain`` also how it came about."""
    asked = replace(params, query=text)
    return center().explain(asked) if explain else center().search(asked)


def answers(lines: BinaryIO, params: SearchParams) -> Iterator[dict[str, Any]]:
    """An object for each line, in order."""
    for raw in _bounded_lines(lines):
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            yield _unsearchable(raw.decode("utf-8", "replace"), "not_utf8", "The line is not UTF-8.")
            continue
        if not normalize(text).strip():
            yield _unsearchable(text, "empty", "The line is empty.")
            continue
        yield answer(text, params)


def as_line(found: dict[str, Any]) -> str:
    """The object as one line of JSON."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def summary(found: dict[str, Any]) -> str:
    """One line for a person: the query, how many results, the first."""
    if "error" in found:
        return f"{found['query']!r}\t{found['error']['message']}"
    first = found["results"][0]["title"] if found["results"] else (found["notice"] or "-")
    return f"{found['query']}\t{found['total']}\t{first}"


def page(found: dict[str, Any], color: bool = False) -> str:
    """A page of results for a person; marks are bold where the terminal can."""
    lines = [_heading(found), *_reading(found)]
    if found["pinned"]:
        lines.extend(["", "Recommended:"])
        titles = (_marked(hit["title"], hit["title_highlights"], color) for hit in found["pinned"])
        lines.extend(f"  * {title}  {hit['url']}" for title, hit in zip(titles, found["pinned"], strict=True))
    if found["answer"]:
        lines.append("")
        lines.extend(
            f"  | {line}" for line in _marked(found["answer"]["text"], found["answer"]["highlights"], color).split("\n")
        )
        lines.append(f"  | ({found['answer']['title']}) {found['answer']['url']}")
    if found["near"]:
        lines.extend(["", "Near, but not counted:"])
        lines.extend(f"  - {hit['title']}  {hit['url']}" for hit in found["near"])
    first = (found["page"] - 1) * found["page_size"] + 1
    for number, hit in enumerate(found["results"], first):
        tags = [hit["service"], hit["category"], *hit["platforms"]]
        lines.append("")
        lines.append(f"{number:3}. " + _marked(hit["title"], hit["title_highlights"], color))
        lines.append("     " + "".join(f"[{tag['name']}]" for tag in tags if tag))
        lines.append("     " + _marked(hit["snippet"], hit["snippet_highlights"], color))
        lines.append(f"     {hit['url']}")
        if "signals" in hit:
            lines.append(f"     {_signals(hit)}")
    return "\n".join(lines)


def _heading(found: dict[str, Any]) -> str:
    notices = {
        "spam": "This looks like an advertisement and was not searched.",
        "restricted": "This center does not search for that (a restricted term).",
        "too_long": f"A query has at most {MAX_QUERY} characters.",
    }
    return notices.get(found["notice"] or "", f"{found['total']:,} result{'' if found['total'] == 1 else 's'}")


def _reading(found: dict[str, Any]) -> list[str]:
    """How the query was read; with an explanation, also every step and what it asks for."""
    lines = []
    if found["interpreted_as"]:
        lines.append(f"read as: {found['interpreted_as']} (--exact searches what was typed)")
    if found["did_you_mean"]:
        lines.append(f"did you mean: {found['did_you_mean']}")
    if "words" in found:
        lines += [f"step: {step}" for step in found["steps"]]
        words = (
            f"{word['word']} {word['weight']}{'' if word['known'] else ' (in no article)'}" for word in found["words"]
        )
        lines.append("asks for: " + (", ".join(words) or "nothing"))
    return lines


def _signals(hit: dict[str, Any]) -> str:
    signals = hit["signals"]
    return (
        f"score {hit['score']:.3f}: words {signals['lexical']:.3f}, meaning {signals['semantic']:.3f} "
        f"(cosine {signals['cosine']:.3f}) weighing {signals['semantic_weight']:.2f} beside the words; "
        f"{signals['coverage']:.0%} of the query covered{', all of it to the letter' if signals['exact'] else ''}"
    )


def _marked(text: str, spans: list[list[int]], color: bool) -> str:
    if not color:
        return text
    out, at = [], 0
    for start, end in spans:
        out += [text[at:start], click.style(text[start:end], bold=True)]
        at = end
    return "".join([*out, text[at:]])


def _bounded_lines(lines: BinaryIO) -> Iterator[bytes]:
    """Lines without their end; of a longer one the beginning, filled up so that it is seen to be too long."""
    while line := lines.readline(LINE_BYTES):
        complete = line.endswith(b"\n")
        while not complete and (rest := lines.readline(1 << 20)):
            complete = rest.endswith(b"\n")
        yield _whole_characters(line.rstrip(b"\r\n"))


def _whole_characters(line: bytes) -> bytes:
    """A cut may have gone through a character; drop its beginning."""
    if len(line) < LINE_BYTES - 2:
        return line
    for back in range(1, 5):
        byte = line[-back]
        if byte < 0x80:
            return line
        if byte >= 0xC0:
            return line[:-back]
    return line


def _unsearchable(query: str, code: str, message: str) -> dict[str, Any]:
    shown = normalize(query)[:MAX_QUERY]
    return {"query": shown, "error": {"code": code, "message": message}, "total": 0, "results": []}
