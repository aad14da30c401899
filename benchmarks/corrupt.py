"""What fingers do to Korean queries: wrong keyboard, spacing, slips of keys, spelling, initials.

Everything here is a function of its arguments and a seeded ``random.Random``. It shares nothing with the search core,
so that a mistake in the core's keyboard or vowel tables cannot hide: there are tables of its own here and in ``keys``.

``python -m benchmarks.corrupt FILE_OR_BEIR_DIR --kind one_slip --seed 7`` prints clean and corrupted lines.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from benchmarks.keys import LATIN, LEADS, NEAR, PLAIN, SHIFTED, TAILS, VOWELS, compose, parts, syllable, typed

KINDS = ("keyboard", "keyboard_word", "no_space", "moved_space", "one_slip", "two_slip")
"""The kinds of :func:`corrupt`; ``initials`` is one more, of suggestions."""
SHORTEST = 3
"""Initials are of words of so many syllables at least."""

SLIPS = {"neighbour": 40, "left_out": 17, "swapped": 11, "doubled": 9, "shift": 8, "border": 5, "spelling": 10}
"""The mix of one slip, in percent: slips of keys to spelling as 70 to under 9; a wrong keyboard is its own kind."""

LATIN_WEIGHT = 0.25
"""How often a key of a Latin word slips, beside one of a Hangul word."""

ALIKE_VOWELS = ("ㅐㅔ", "ㅔㅖ", "ㅚㅙㅞ")
ALIKE_TAILS = ("ㅅㅆㄷ", "ㄱㄲ")

_HANGUL = re.compile("[가-힣ㄱ-ㅣ]+")
_SYLLABLES = re.compile("[가-힣]+")
_WORD = re.compile("[가-힣ㄱ-ㅣ]+|[A-Za-z]{4,}")


def syllables(text: str) -> int:
    """How many Hangul syllables a text has."""
    return sum(map(len, _SYLLABLES.findall(text)))


def variant(text: str, kind: str, seed: int) -> str | None:
    """The one variant of ``text`` for this kind and seed, the same whatever else is asked; see :func:`corrupt`."""
    return corrupt(text, kind, Random(f"{seed} {kind} {text}"))


def corrupt(text: str, kind: str, random: Random) -> str | None:
    """``text`` as somebody errs it, or None where this kind cannot happen to it or it is too short to be understood.

    Args:
        kind: one of :data:`KINDS` or ``initials``.

    Raises:
        ValueError: there is no such kind.
    """
    if kind not in _MAKERS:
        raise ValueError(f"there is no kind {kind!r}; there are {', '.join(_MAKERS)}")
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if syllables(text) < (6 if kind == "two_slip" else 3):
        return None
    made = _MAKERS[kind](text, random)
    return made if made and made != text else None


def keyboard(text: str, random: Random | None = None) -> str:
    """All Hangul as the Latin layout types it (한글 → gksrmf, 빨리 → Qkffl); the rest stays."""
    return _HANGUL.sub(lambda run: "".join(LATIN.get(key, key) for key in typed(run[0])), text)


def keyboard_word(text: str, random: Random) -> str | None:
    """As :func:`keyboard`, but one word of at least two syllables only."""
    words = text.split(" ")
    places = [place for place, word in enumerate(words) if syllables(word) >= 2]
    if not places:
        return None
    place = random.choice(places)
    words[place] = keyboard(words[place])
    return " ".join(words)


def no_space(text: str, random: Random | None = None) -> str:
    """Without any space."""
    return text.replace(" ", "")


def moved_space(text: str, random: Random) -> str | None:
    """One space moved by one or two syllables, or one put inside a Hangul word where none can be moved."""
    moves = []
    for space in (place for place, character in enumerate(text) if character == " "):
        bare = text[:space] + text[space + 1 :]
        for step in (-2, -1, 1, 2):
            passed = text[space + step : space] if step < 0 else text[space + 1 : space + step + 1]
            place = space + step
            if place > 0 and _SYLLABLES.fullmatch(passed) and bare[place - 1 : place] != " " != bare[place : place + 1]:
                moves.append(bare[:place] + " " + bare[place:])
    moves = [move for move in moves if move == move.strip()]
    if not moves:
        inside = [place for run in _SYLLABLES.finditer(text) for place in range(run.start() + 1, run.end())]
        moves = [text[:place] + " " + text[place:] for place in inside]
    return random.choice(moves) if moves else None


def one_slip(text: str, random: Random) -> str | None:
    """One slip by the mix of :data:`SLIPS`, in a Hangul word mostly; longer words slip more often."""
    runs = [run for run in _WORD.finditer(text) if compose(typed(run[0])) == run[0]]
    weights = [len(typed(run[0])) * (LATIN_WEIGHT if run[0].isascii() else 1.0) for run in runs]
    for _ in range(100 if runs else 0):
        run = random.choices(runs, weights)[0]
        how = random.choices(list(SLIPS), list(SLIPS.values()))[0]
        made = slip(run[0], how, random)
        if made and made != run[0]:
            return text[: run.start()] + made + text[run.end() :]
    return None


def two_slip(text: str, random: Random) -> str | None:
    """Two slips, wherever they happen."""
    once = one_slip(text, random)
    return one_slip(once, random) if once else None


def initials(title: str, random: Random) -> str | None:
    """The initials (초성) of one word of a title that has at least :data:`SHORTEST` syllables."""
    words = [word for word in initials_of(title) if len(word) >= SHORTEST]
    return random.choice(words) if words else None


def initials_of(title: str) -> list[str]:
    """The initials of every Hangul word of a title, in order."""
    return ["".join(parts(character)[0] for character in word) for word in _SYLLABLES.findall(title)]


def slip(word: str, how: str, random: Random) -> str | None:
    """One word with the slip called ``how`` (a key of :data:`SLIPS`), or None where it cannot happen."""
    if how == "spelling":
        spelled = list(confusions(word))
        return random.choice(spelled) if spelled else None
    keys = _KEY_SLIPS[how](typed(word), random)
    return compose(keys) if keys else None


def confusions(word: str) -> Iterator[str]:
    """The word with one syllable written as it sounds: ㅐ for ㅔ, ㅙ for ㅚ, a tail ㅅ for ㅆ, and so on."""
    for place, character in enumerate(word):
        letters = parts(character)
        for part, groups in ((1, ALIKE_VOWELS), (2, ALIKE_TAILS)):
            letter = letters[part] if part < len(letters) else None
            for group in groups:
                for other in group if letter and letter in group else ():
                    if other != letter:
                        yield word[:place] + _with(letters, part, other) + word[place + 1 :]


def _with(letters: tuple[str, ...], part: int, other: str) -> str:
    lead, vowel, tail = (*letters, "")[:3]
    return syllable(lead, other, tail) if part == 1 else syllable(lead, vowel, other)


def neighbour(keys: list[str], random: Random) -> list[str]:
    """The key next to the right one; a held shift stays held."""
    place = random.randrange(len(keys))
    key = keys[place]
    others, weights = NEAR[PLAIN.get(key, key).lower()]
    hit = random.choices(others, weights)[0]
    if key in PLAIN:
        hit = SHIFTED.get(hit, hit)
    return [*keys[:place], hit.upper() if key.isupper() else hit, *keys[place + 1 :]]


def left_out(keys: list[str], random: Random) -> list[str]:
    """One key less."""
    place = random.randrange(len(keys))
    return keys[:place] + keys[place + 1 :]


def doubled(keys: list[str], random: Random) -> list[str]:
    """One key twice."""
    place = random.randrange(len(keys))
    return keys[: place + 1] + keys[place:]


def swapped(keys: list[str], random: Random) -> list[str] | None:
    """Two keys in the wrong order."""
    places = [place for place in range(len(keys) - 1) if keys[place] != keys[place + 1]]
    if not places:
        return None
    place = random.choice(places)
    return [*keys[:place], keys[place + 1], keys[place], *keys[place + 2 :]]


def shift(keys: list[str], random: Random) -> list[str] | None:
    """Shift forgotten (ㅆ → ㅅ), or pressed where it is not needed; forgotten is the more likely of the two."""
    places = [place for place, key in enumerate(keys) if key in SHIFTED or key in PLAIN]
    if not places:
        return None
    place = random.choices(places, [3 if keys[place] in PLAIN else 1 for place in places])[0]
    key = keys[place]
    return [*keys[:place], PLAIN.get(key) or SHIFTED[key], *keys[place + 1 :]]


def border(keys: list[str], random: Random) -> list[str] | None:
    """A consonant on the wrong side of a syllable's border: 음악 → 으막, or 하나 → 한아."""
    made = []
    for place in range(1, len(keys) - 1):
        before, key, after = keys[place - 1 : place + 2]
        if key == "ㅇ" and before in LEADS and after in VOWELS:
            made.append(keys[:place] + keys[place + 1 :])
        elif key in LEADS and key in TAILS and key != "ㅇ" and before in VOWELS and after in VOWELS:
            made.append([*keys[: place + 1], "ㅇ", *keys[place + 1 :]])
    return random.choice(made) if made else None


_KEY_SLIPS: dict[str, Callable[[list[str], Random], list[str] | None]] = {
    "neighbour": neighbour, "left_out": left_out, "swapped": swapped, "doubled": doubled, "shift": shift,
    "border": border,
}  # fmt: skip
_MAKERS: dict[str, Callable[[str, Random], str | None]] = {
    "keyboard": keyboard, "keyboard_word": keyboard_word, "no_space": no_space, "moved_space": moved_space,
    "one_slip": one_slip, "two_slip": two_slip, "initials": initials,
}  # fmt: skip


def read(path: Path) -> list[str]:
    """The distinct clean queries of a BEIR folder (its titles), of a ``.jsonl`` (titles, else texts) or of a text file.

    What is longer than 200 characters is no query and left out.

    Raises:
        OSError: there is no such file.
        ValueError: a line of JSON cannot be read.
    """
    path = path / "corpus.jsonl" if path.is_dir() else path
    lines = path.read_text(encoding="utf-8").split("\n")
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in lines if line.strip()]
        lines = [str(row.get("title") or row.get("text") or "") for row in rows]
    return list(dict.fromkeys(line.strip() for line in lines if line.strip() and len(line) <= 200))


def main() -> None:
    """Print clean<TAB>corrupted lines; how many could not be corrupted goes to standard error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corrupt", description="Corrupt Korean queries.")
    parser.add_argument("path", type=Path, metavar="FILE_OR_BEIR_DIR", help="a query a line, a .jsonl, or a folder")
    parser.add_argument("--kind", choices=tuple(_MAKERS), default="one_slip", help="default: one_slip")
    parser.add_argument("--seed", type=int, default=5, help="default: 5, that of the benchmark")
    parser.add_argument("--limit", type=int, help="at most so many lines (default: all)")
    options = parser.parse_args()
    try:
        queries = read(options.path)[: options.limit]
    except (OSError, ValueError) as error:
        parser.error(f"{options.path} cannot be read: {error}")
    left = 0
    for query in queries:
        made = variant(query, options.kind, options.seed)
        left += made is None
        if made is not None:
            print(f"{query}\t{made}")
    if left:
        print(f"{left} of {len(queries)} left out: too short, or {options.kind} cannot happen to them", file=sys.stderr)


if __name__ == "__main__":
    main()
