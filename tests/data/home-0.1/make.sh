#!/bin/sh
# Makes home.tar.gz and expected.json with the code of the first version that had a command line (commit 5cb2cd6,
# "Command line and serve"). Run it with a Python that has the dependencies of that version:
#   sh tests/data/home-0.1/make.sh PYTHON
set -e
python="$1"; here="$(cd "$(dirname "$0")" && pwd)"; work="$(mktemp -d)"
(cd "$here/../../.." && git archive 5cb2cd6 src) | tar x -C "$work"
export PYTHONPATH="$work/src" HAEDAP_HOME="$work/home" HAEDAP_EMBEDDER=none HAEDAP_SECRET_KEY=made-for-a-test
cd "$work"
"$python" -m haedap.cli import "$here/faq.jsonl" --source old-faq --no-index
"$python" -m haedap.cli manage shell < "$here/fill.py"
"$python" -m haedap.cli index update
"$python" - "$here/expected.json" <<'PY'
import json, subprocess, sys
queries = ["환불", "충전 계좌", "알림이 오지 않아요", "대화 백업", "배송 조회", "비밀번호 찾기", "탈퇴하면", "E-2044"]
found = {}
for query in queries:
    out = subprocess.run([sys.executable, "-m", "haedap.cli", "search", query, "--json"], capture_output=True, check=True)
    hits = json.loads(out.stdout)["results"]
    assert hits, query
    hit = hits[0]
    found[query] = {"title": hit["title"], "url": hit["url"]}
nothing = ["꿀렁딜", "두루미포인트", "무지개 은행", "승인 번호 7741"]
for query in nothing:
    out = subprocess.run([sys.executable, "-m", "haedap.cli", "search", query, "--json"], capture_output=True, check=True)
    found[query] = None if not json.loads(out.stdout)["results"] else json.loads(out.stdout)["results"][0]["title"]
json.dump(found, open(sys.argv[1], "w"), ensure_ascii=False, indent=1)
PY
# One file without a journal, and times that do not depend on the machine's zone.
"$python" -c "import sqlite3; d = sqlite3.connect('$HAEDAP_HOME/haedap.sqlite3'); d.execute('PRAGMA journal_mode=DELETE'); d.execute('VACUUM')"
rm -f "$HAEDAP_HOME"/*.lock
tar c -C "$work" --sort=name --owner=0 --group=0 --numeric-owner home | gzip -9n > "$here/home.tar.gz"
rm -rf "$work"
