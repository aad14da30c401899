"""From an article to the entries an index keeps of it.

Invariant: for each article exactly one entry carries any scope: one entry a distinct body, and one union entry for
the scope "all" (the same entry when there is only one body), so that counting entries counts articles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from haedap.search.analyzer import Analyzer, bigrams
from haedap.search.backends.base import Entry
from haedap.search.payload import (
    PAYLOAD_VERSION,
    Passage,
    Payload,
    Segment,
    StoredBody,
    encode,
    stored_text,
)
from haedap.search.query import Field
from haedap.search.semantic.parts import MAX_PARTS, text_key
from haedap.search.sentences import segments
from haedap.search.suggest.keys import title_keys
from haedap.search.text import normalize
from haedap.search.types import ALL, CELL, ArticleDocument, Block, Body, Token

ENTRY_VERSION = f"6.{PAYLOAD_VERSION}"
VECTOR_CHARS = 300
"""Characters of body that go into one vector, after the title; longer ones lost quality (ARCHITECTURE.md)."""
QUESTIONS = 24
"""Of the other ways to ask for an article, so many get a vector; all are searched by their words."""
PASSAGE_CHARS = 400
"""A passage ends with the block that brings it to this length."""


@dataclass(frozen=True, slots=True)
class AnalyzedBody:
    """A body with its tokens, ready for any number of entries."""

    scopes: tuple[str, ...]
    tokens: tuple[Token, ...]
    bigrams: tuple[Token, ...]
    stored: StoredBody


def build_entries(document: ArticleDocument, analyzer: Analyzer) -> list[tuple[Entry, list[str]]]:
    """The entries of an article, each with the texts its vectors are made of (named by the entry's vector key)."""
    title = normalize(document.title)
    title_tokens = analyzer.tokens(title)
    stored_title = stored_text(title, title_tokens)
    bodies = [_analyze(body, analyzer) for body in _distinct(document.bodies)]
    all_scopes = tuple(scope for body in bodies for scope in body.scopes)
    extra = _extra_tokens(document, analyzer)
    questions = tuple(question for text in document.questions if (question := normalize(text).strip()))
    suggest = title_keys(title, [token.start for token in title_tokens])
    shared: dict[Field, Sequence[Token]] = {
        "title": title_tokens,
        "title_bigrams": bigrams(title),
        "extra": extra,
        "questions": _joined([analyzer.tokens(question) for question in questions]),
    }

    def entry(scopes: tuple[str, ...], chosen: Sequence[AnalyzedBody]) -> tuple[Entry, list[str]]:
        fields: Mapping[Field, Sequence[Token]] = {
            **shared,
            "body": _joined([body.tokens for body in chosen]),
            "body_bigrams": _joined([body.bigrams for body in chosen]),
        }
        payload = Payload(
            stored_title,
            tuple(body.stored for body in chosen),
            document.service,
            document.categories[0] if document.categories else "",
            document.updated,
            all_scopes,
            document.hits,
            questions,
        )
        texts = vector_texts(title, chosen[0].stored.content.text if chosen else "", questions)
        made = Entry(
            article_id=document.id,
            scopes=scopes,
            fields=fields,
            service=document.service,
            categories=document.categories,
            updated=document.updated,
            hits=document.hits,
            staff_only=document.staff_only,
            vector_key=text_key(texts),
            also_near=tuple(text_key(vector_texts(title, body.stored.content.text, questions)) for body in chosen[1:]),
            suggest=suggest,
            payload=encode(payload),
        )
        return made, texts

    if len(bodies) <= 1:
        return [entry((ALL, *all_scopes), bodies)]
    return [entry((ALL,), bodies), *(entry(body.scopes, [body]) for body in bodies)]


def vector_text(title: str, body: str) -> str:
    """What a vector is made of: the title and the beginning of the body."""
    start = body[:VECTOR_CHARS].strip()
    return f"{title}\n{start}" if title and start else title or start


def vector_texts(title: str, body: str, questions: Sequence[str] = ()) -> list[str]:
    """What the vectors of an entry are made of: title and beginning, other questions it answers, then the title with
    each further stretch."""
    # Bars say nothing, and crowd out words.
    body = body.replace(CELL, " ")
    first = vector_text(title, body)
    if not first:
        return []
    later = [f"{title}\n{stretch}" if title else stretch for stretch in _further_stretches(body)]
    return [first, *questions[:QUESTIONS], *later][:MAX_PARTS]


def entry_texts(payload: Payload) -> list[str]:
    """The vector texts of an entry, from its payload."""
    body = payload.bodies[0].content.text if payload.bodies else ""
    return vector_texts(payload.title.text, body, payload.questions)


def _further_stretches(body: str) -> list[str]:
    """Whole sentences after the first :data:`VECTOR_CHARS` characters, as many together as fit into as many."""
    if len(body) <= VECTOR_CHARS:
        return []
    spans: list[tuple[int, int]] = []
    for start, end in segments(body):
        if end <= VECTOR_CHARS:
            continue
        while end - start > VECTOR_CHARS:
            spans.append((start, start + VECTOR_CHARS))
            start += VECTOR_CHARS
        if spans and end - spans[-1][0] <= VECTOR_CHARS:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return [text for start, end in spans if (text := body[start:end].strip())]


def _distinct(bodies: Sequence[Body]) -> list[Body]:
    """Bodies of equal text become one that serves the scopes of both."""
    by_text: dict[str, Body] = {}
    for body in bodies:
        text = normalize(body.text)
        blocks = body.blocks if text == body.text else ()
        known = by_text.get(text)
        by_text[text] = Body(
            text, (*known.scopes, *body.scopes) if known else body.scopes, known.blocks if known else blocks
        )
    return list(by_text.values())


def _analyze(body: Body, analyzer: Analyzer) -> AnalyzedBody:
    tokens = tuple(analyzer.tokens(body.text))
    blocks = body.blocks or (Block("paragraph", 0, len(body.text)),)
    found = _segments(body.text, blocks)
    stored = StoredBody(body.scopes, stored_text(body.text, tokens), found, _passages(blocks, found))
    return AnalyzedBody(body.scopes, tokens, tuple(bigrams(body.text)), stored)


def _segments(text: str, blocks: Sequence[Block]) -> tuple[Segment, ...]:
    return tuple(
        Segment(block.start + start, block.start + end, number, block.kind)
        for number, block in enumerate(blocks)
        if block.kind != "code"
        for start, end in segments(text[block.start : block.end])
    )


def _passages(blocks: Sequence[Block], found: Sequence[Segment]) -> tuple[Passage, ...]:
    """Consecutive blocks under one heading, up to about :data:`PASSAGE_CHARS`."""
    groups: list[list[int]] = []
    for number, block in enumerate(blocks):
        if block.kind == "heading":
            continue
        last = groups[-1] if groups else None
        if (
            last
            and blocks[last[-1]].heading_path == block.heading_path
            and blocks[last[-1]].anchor == block.anchor
            and block.end - blocks[last[0]].start <= PASSAGE_CHARS
        ):
            last.append(number)
        else:
            groups.append([number])
    passages = []
    for group in groups:
        inside = [i for i, segment in enumerate(found) if group[0] <= segment.block <= group[-1]]
        if inside:
            first, final = blocks[group[0]], blocks[group[-1]]
            passages.append(
                Passage(
                    first.heading_path, first.kind, first.anchor, first.start, final.end, (inside[0], inside[-1] + 1)
                )
            )
    return tuple(passages)


def _extra_tokens(document: ArticleDocument, analyzer: Analyzer) -> list[Token]:
    """Tags, labels and headings, one after the other, a gap between them so that no phrase spans two."""
    headings = {heading for body in document.bodies for block in body.blocks for heading in block.heading_path}
    texts = [*document.tags, *document.labels, *sorted(headings)]
    return _joined([analyzer.tokens(normalize(text)) for text in texts])


def _joined(streams: Sequence[Sequence[Token]]) -> list[Token]:
    """One stream of several; positions go on, so a phrase never spans two of them."""
    joined: list[Token] = []
    offset = 0
    for stream in streams:
        joined.extend(Token(t.text, t.start, t.end, t.position + offset) for t in stream)
        if stream:
            offset += stream[-1].position + 2
    return joined
