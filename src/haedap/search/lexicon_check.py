"""Check lexicon files: ``python -m haedap.search.lexicon_check FILE…``.

Prints every line that is no entry, every line that a query of its very words misses, with the form in which such a
query is read (to be mended for 까먹음, harmless where only the dictionary form is misread), and repetitions. Ends with
1 if there was any.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from haedap.search.analyzer import Analyzer
from haedap.search.lexicon import LexiconError, Pattern, dictionary_form, parse


def problems(lines: Iterable[str], name: str, analyzer: Analyzer) -> Iterator[str]:
    """What is wrong with the lines of a file, one message each, naming file and line."""
    seen: dict[Pattern, int] = {}
    for number, line in enumerate(lines, 1):
        where = f"{name}, line {number}"
        try:
            entries = list(parse([line]))
        except LexiconError as error:
            yield str(error).replace("lexicon, line 1", where)
            continue
        for pattern, _targets in entries:
            form = dictionary_form(pattern, analyzer.analyze)
            if form != pattern:
                said = f"a query of the very words {str(pattern)!r} is read as {str(form)!r} and misses this line."
                yield f"{where}: {said}"
        if entries:
            first = seen.setdefault(entries[0][0], number)
            if first != number:
                yield f"{where}: {str(entries[0][0])!r} stands in line {first} already."


def main(files: list[str]) -> int:
    """Check files and print what is wrong; the exit code."""
    if not files:
        print("Name the files to check.", file=sys.stderr)
        return 2
    analyzer = Analyzer()
    count = 0
    for name in files:
        for problem in problems(Path(name).read_text(encoding="utf-8").splitlines(), Path(name).name, analyzer):
            print(problem)
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
