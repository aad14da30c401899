"""The schema of an index, and the compiler of query trees to Tantivy queries.

Invariant: a compiled node matches exactly the entries its docstring in ``query.py`` names, also for empty and
degenerate trees, and ``VectorKeys`` and ``Everything`` add nothing to a score.
"""

from __future__ import annotations

from tantivy import FieldType, Occur, Query, Schema, SchemaBuilder

from haedap.search.backends.base import Filters, Request
from haedap.search.query import FIELDS, All, Any, Constant, Everything, Key, Node, Phrase, Term, VectorKeys

MUST, SHOULD, MUST_NOT = Occur.Must, Occur.Should, Occur.MustNot

# A term set walks the whole term dictionary (0.2 ms for 2,717 keys), single terms cost 1.6 microseconds each.
_TERM_SET_FROM = 400


def safe(text: str) -> str:
    """``text`` as Tantivy can hold it: a lone surrogate, which UTF-8 has no bytes for, becomes an escape."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def unscored(query: Query) -> Query:
    """``query`` with a score of 0 for every entry that matches."""
    return Query.const_score_query(query, 0.0)


class Compiler:
    """Compiles for one schema; holds no state, so one serves every search and thread."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._everything = unscored(Query.all_query())
        self._nothing = Query.empty_query()
        self.staff_only = Query.term_query(schema, "staff", True, "basic")

    def node(self, node: Node, scored: bool = True) -> Query:
        """The node as a query. With ``scored`` False its scores are meaningless and cheaper to come by."""
        match node:
            case Term():
                query = Query.term_query(self._schema, node.field, safe(node.text), "freq" if scored else "basic")
                return self._boosted(query, node.boost, scored)
            case Key():
                return self._key(node)
            case Phrase():
                return self._phrase(node, scored)
            case Any():
                return self._any(node, scored)
            case All():
                if not node.nodes:
                    return self._everything
                return Query.boolean_query([(MUST, self.node(part, scored)) for part in node.nodes])
            case VectorKeys():
                return self._vector_keys(node)
            case Everything():
                return self._everything
            case Constant():
                return Query.const_score_query(self.node(node.node, scored=False), node.score)

    def _key(self, node: Key) -> Query:
        text = safe(node.text)
        if node.slip:
            return unscored(Query.fuzzy_term_query(self._schema, "suggest", text, transposition_cost_one=True))
        return unscored(Query.term_query(self._schema, "suggest", text, "basic"))

    @staticmethod
    def _boosted(query: Query, boost: float, scored: bool) -> Query:
        return Query.boost_query(query, boost) if scored and boost != 1.0 else query

    def _phrase(self, node: Phrase, scored: bool) -> Query:
        # Tantivy panics on a phrase of fewer than two terms.
        if not node.texts:
            return self._nothing
        if len(node.texts) == 1:
            return self.node(Term(node.field, node.texts[0], node.boost), scored)
        words: list[str | tuple[int, str]] = [safe(text) for text in node.texts]
        return self._boosted(Query.phrase_query(self._schema, node.field, words), node.boost, scored)

    def _any(self, node: Any, scored: bool) -> Query:
        if node.minimum > len(node.nodes):
            return self._nothing
        # A weighted threshold names the same part several times: it is compiled once.
        compiled: dict[int, Query] = {}
        for part in node.nodes:
            if id(part) not in compiled:
                compiled[id(part)] = self.node(part, scored)
        parts = [(SHOULD, compiled[id(part)]) for part in node.nodes]
        if node.minimum <= 0:
            return Query.boolean_query([(MUST, self._everything), *parts])
        return Query.boolean_query(parts, minimum_number_should_match=node.minimum if node.minimum > 1 else None)

    def _vector_keys(self, node: VectorKeys) -> Query:
        keys = [key for key in node.keys if key]
        if not keys:
            return self._nothing
        if len(keys) >= _TERM_SET_FROM:
            return unscored(Query.term_set_query(self._schema, "near_key", keys))
        terms = [(SHOULD, Query.term_query(self._schema, "near_key", key, "basic")) for key in keys]
        return unscored(Query.boolean_query(terms))


def _schema() -> Schema:
    builder = SchemaBuilder()
    for field in FIELDS:
        builder.add_text_field(field, tokenizer_name="raw", index_option="position")
    builder.add_text_field("suggest", tokenizer_name="whitespace", index_option="basic")
    for name in ("scope", "service", "category"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in ("article", "updated", "hits"):
        builder.add_integer_field(name, indexed=True, fast=True)
    builder.add_boolean_field("staff", indexed=True)
    builder.add_unsigned_field("vector_key", fast=True)
    builder.add_unsigned_field("near_key", indexed=True)
    builder.add_bytes_field("payload", stored=True)
    return builder.build()


SCHEMA = _schema()
COMPILER = Compiler(SCHEMA)


class CompiledRequest:
    """One request, its predicate compiled once for the search and every facet."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._predicate = unscored(COMPILER.node(request.predicate, scored=False))

    def matching(
        self,
        *,
        scope: bool = True,
        service: bool = True,
        category: bool = True,
        value: tuple[str, int] | None = None,
    ) -> Query:
        """What matches the request's predicate and those of its filters that are asked for; every score is 0.

        ``value`` adds one condition: an integer field and the number it must hold.
        """
        filters = self._request.filters
        clauses = [(MUST, self._predicate)]
        clauses += [(MUST, unscored(query)) for query in _filter_queries(filters, scope, service, category)]
        if value is not None:
            field, number = value
            clauses.append((MUST, unscored(Query.range_query(SCHEMA, field, FieldType.Integer, number, number))))
        if not filters.staff:
            clauses.append((MUST_NOT, COMPILER.staff_only))
        return Query.boolean_query(clauses)

    def ranked(self) -> Query:
        """What matches the request, scored by its ``scoring`` alone."""
        matching = self.matching()
        if self._request.scoring is None:
            return matching
        return Query.boolean_query([(MUST, matching), (SHOULD, COMPILER.node(self._request.scoring))])


def _filter_queries(filters: Filters, scope: bool, service: bool, category: bool) -> list[Query]:
    wanted = (
        ("scope", filters.scope, scope),
        ("service", filters.service, service),
        ("category", filters.category, category),
    )
    return [
        Query.term_query(SCHEMA, field, safe(value), "basic")
        for field, value, asked in wanted
        if asked and value is not None
    ]
