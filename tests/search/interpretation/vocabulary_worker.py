"""A process that writes words for ever, to be killed: prints the number of each lot that it has put down.

Words are numbers in Hangul, so that whoever reads the file knows which ones there must be. No Django, no analyzer.
"""

from __future__ import annotations

import sys
from pathlib import Path

from haedap.search.interpretation.vocabulary import VocabularyWriter

LOT = 20_000
DIGITS = "공일이삼사오육칠팔구"


def word(number: int) -> str:
    return "단어" + "".join(DIGITS[int(digit)] for digit in str(number))


if __name__ == "__main__":
    writer = VocabularyWriter(Path(sys.argv[1]))
    for lot in range(int(sys.argv[2]), 1_000_000):
        writer.add(word(number) for number in range(lot * LOT, (lot + 1) * LOT))
        writer.flush()
        print(lot, flush=True)
