"""The subword tokenizer of multilingual-e5: SentencePiece unigram over a plain dictionary.

Written out here because the ``tokenizers`` library keeps 290 MB a process for these 250,000 pieces and takes half a
second to load them; this takes about 50 MB and a tenth of a second, at the same speed for Korean.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np

FILES = ("vocabulary.json", "scores.npy")

_META = "\u2581"
_BLANK = re.compile("[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_SPACES = re.compile(" {2,}")
_UNKNOWN_PENALTY = 10.0
_LONGEST_PIECE = 16


def _normalize(text: str) -> str:
    """NFKC without control characters, blanks joined: the normalization the pieces were learned under."""
    text = unicodedata.normalize("NFKC", _CONTROL.sub("", _BLANK.sub(" ", text)))
    return _META + _SPACES.sub(" ", text).strip(" ").replace(" ", _META)


class Unigram:
    """Splits text into the pieces of greatest total score. Read-only after loading, so threads may share it."""

    def __init__(self, directory: Path) -> None:
        """Load what :meth:`write` left in ``directory``. Raises OSError or ValueError if it cannot be read."""
        stored = json.loads((directory / "vocabulary.json").read_text(encoding="utf-8"))
        pieces: list[str] = stored["pieces"].split("\n")
        self._scores: list[float] = np.load(directory / "scores.npy").tolist()
        self._ids = dict(zip(pieces, range(len(pieces)), strict=True))
        self._longest: dict[str, int] = dict(zip(stored["starts"].split("\n"), stored["longest"], strict=True))
        self._begin, self._end, self._unknown = (int(number) for number in stored["special"])
        self._unknown_score = min(self._scores) - _UNKNOWN_PENALTY

    @staticmethod
    def write(
        directory: Path, pieces: Sequence[str], scores: Sequence[float], begin: int, end: int, unknown: int, hidden: int
    ) -> None:
        """Write the vocabulary: ``pieces`` with ``scores`` (log probabilities), by id.

        ``begin``, ``end``, ``unknown`` are the ids of the special tokens; they and ``hidden`` are never found in text.
        """
        special = {begin, end, unknown, hidden}
        # A control character cannot survive normalization, so such a piece never matches.
        kept = [f"\x00{number}" if number in special else piece for number, piece in enumerate(pieces)]
        longest: dict[str, int] = {}
        for piece in kept:
            longest[piece[:2]] = max(longest.get(piece[:2], 0), len(piece))
        vocabulary = {
            "special": [begin, end, unknown],
            "pieces": "\n".join(kept),
            "starts": "\n".join(longest),
            "longest": list(longest.values()),
        }
        (directory / "vocabulary.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
        np.save(directory / "scores.npy", np.asarray(scores, dtype=np.float32))

    def encode(self, text: str, limit: int) -> list[int]:
        """The token ids of ``text`` between the begin and end tokens; at most ``limit`` in all (2 or more)."""
        # What lies beyond this many characters could not fit; reading on would only cost time.
        tokens = self._split(_normalize(text[: limit * _LONGEST_PIECE]))
        return [self._begin, *tokens[: limit - 2], self._end]

    def _split(self, text: str) -> list[int]:
        """Viterbi: for each end the best last piece, then back from the end."""
        count = len(text)
        ids, scores, longest = self._ids, self._scores, self._longest
        best = [float("-inf")] * (count + 1)
        best[0] = 0.0
        origin = [0] * (count + 1)
        chosen = [self._unknown] * (count + 1)
        for start in range(count):
            here = best[start]
            stop = min(start + longest.get(text[start : start + 2], 1), count)
            for end in range(start + 1, stop + 1):
                number = ids.get(text[start:end])
                if number is not None and here + scores[number] > best[end]:
                    best[end], origin[end], chosen[end] = here + scores[number], start, number
            if here + self._unknown_score > best[start + 1]:
                best[start + 1], origin[start + 1] = here + self._unknown_score, start
                chosen[start + 1] = self._unknown
        return self._walk_back(origin, chosen)

    def _walk_back(self, origin: list[int], chosen: list[int]) -> list[int]:
        """The chosen pieces in order; a run of unknown characters is one unknown token, as the model learned it."""
        tokens: list[int] = []
        end = len(origin) - 1
        while end > 0:
            if chosen[end] != self._unknown or not tokens or tokens[-1] != self._unknown:
                tokens.append(chosen[end])
            end = origin[end]
        tokens.reverse()
        return tokens
