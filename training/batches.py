"""Which pairs a step sees, as a function of the seed and the step alone: a run that was cut goes on as if it had not.

Every epoch shows each article of a collection once, with a query drawn from all it has. A batch is made of blocks of
articles in like words, since those are the hardest to tell apart: the same thing switched on and off, bought and sold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from benchmarks.corrupt import corrupt
from haedap.search.entries import vector_text
from training.material import Collection, Lesson
from training.wording import neighbourhoods, nouns, word_vectors

NOISE = {"no_space": 40, "moved_space": 20, "one_slip": 30, "two_slip": 10}
"""What is done to a noisy query, in percent."""


@dataclass(frozen=True, slots=True)
class Mix:
    """How queries and passages are drawn. All but ``neighbours`` are shares from 0 to 1.

    Attributes:
        noisy: queries that get a spacing error or a slip.
        keyword: queries made of the title's words (or the written keyword query, where there is one).
        title: queries that are the title itself.
        title_only: passages that are a title without a body.
        neighbours: how many articles of like wording go into a batch together (1: none on purpose).
    """

    noisy: float = 0.4
    keyword: float = 0.2
    title: float = 0.05
    title_only: float = 0.25
    neighbours: int = 16


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and the passage that answers it."""

    article: str
    query: str
    passage: str


class Batches:
    """Batches of ``size`` pairs of one collection."""

    def __init__(self, collection: Collection, size: int, seed: int, mix: Mix) -> None:
        self._lessons, self._name = collection.lessons, collection.name
        self._size, self._seed, self._mix = min(size, len(collection.lessons)), seed, mix
        self._count = len(self._lessons) // self._size
        self._vectors = word_vectors([f"{lesson.title} {lesson.body}" for lesson in self._lessons])
        self._epoch = cache(self._order)

    def __getitem__(self, number: int) -> list[Pair]:
        """The batch of that number, from 0 without end."""
        epoch, place = divmod(number, self._count)
        chosen = self._epoch(epoch)[place]
        random = Random(f"{self._seed} {self._name} pairs {number}")
        return [self._pair(self._lessons[index], random) for index in chosen]

    def _order(self, epoch: int) -> list[list[int]]:
        """The batches of an epoch: blocks of neighbours, shuffled and cut."""
        random = Random(f"{self._seed} {self._name} epoch {epoch}")
        order = list(range(len(self._lessons)))
        random.shuffle(order)
        blocks = neighbourhoods(self._vectors, order, self._mix.neighbours)
        random.shuffle(blocks)
        order = [index for block in blocks for index in block]
        return [order[start : start + self._size] for start in range(0, self._count * self._size, self._size)]

    def _pair(self, lesson: Lesson, random: Random) -> Pair:
        query = self._query(lesson, random)
        if random.random() < self._mix.noisy:
            kind = random.choices(list(NOISE), list(NOISE.values()))[0]
            query = corrupt(query, kind, random) or query
        body = "" if random.random() < self._mix.title_only else lesson.body
        return Pair(lesson.article, query, vector_text(lesson.title, body))

    def _query(self, lesson: Lesson, random: Random) -> str:
        drawn = random.random()
        if drawn < self._mix.title:
            return lesson.title
        if drawn < self._mix.title + self._mix.keyword or not lesson.spoken:
            written = lesson.keyword if random.random() < 0.7 else ()
            return random.choice(written) if written else keywords(lesson.title, random)
        return random.choice(lesson.spoken)


def keywords(title: str, random: Random) -> str:
    """A title as somebody types it who knows the words: most of its content words, in order, sometimes joined."""
    words = nouns(title)
    if len(words) < 2:
        return title
    kept: Sequence[str] = [word for word in words if random.random() < 0.85]
    if len(kept) < 2:  # one word of a title is rarely what sets the article apart
        kept = words
    return ("" if random.random() < 0.25 else " ").join(kept)
