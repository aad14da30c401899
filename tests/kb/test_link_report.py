"""Links that lead nowhere are found with their line and the reason; others are not."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import set_script_prefix

from haedap.kb import link_bodies, publishing, uploads
from haedap.kb.link_addresses import MOST, check_addresses, is_public_host
from haedap.kb.link_report import broken_links, external_links
from haedap.kb.models import OldPlace, Revision, Service, Variant
from haedap.kb.publishing import ArticleDraft, VariantDraft
from haedap.search.cache import LruCache

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"


def write(body: str, title: str = "글", *, publish: bool = True, body_format: str = "markdown", **fields):
    draft = ArticleDraft(title, (VariantDraft((), body, body_format),), **fields)
    return publishing.create_article(draft, publish=publish)


def problems(*articles) -> list[tuple[int, str, str]]:
    found = broken_links([article.pk for article in articles] if articles else None)
    return [(link.line, link.address, link.problem) for link in found]


def test_links_to_articles_that_nobody_can_read(pay):
    good, draft, archived = write("가"), write("나", publish=False), write("다")
    staff = write("라", visibility="staff")
    publishing.archive(archived.pk)
    gone, moved = write("마"), write("바")
    publishing.delete_article(gone.pk)
    publishing.delete_article(moved.pk, target=good)
    body = "\n".join(
        f"[글](article:{pk})\n" for pk in (good.pk, draft.pk, archived.pk, staff.pk, gone.pk, moved.pk, 999_999)
    )
    article = write(f"{body}\n[글](article:x) [글](/articles/{gone.pk}-이름) [글](/en/articles/{good.pk})")
    lines = {draft.pk: 3, archived.pk: 5, staff.pk: 7, gone.pk: 9, 999_999: 13}
    assert problems(article) == [
        (lines[draft.pk], f"article:{draft.pk}", "draft"),
        (lines[archived.pk], f"article:{archived.pk}", "archived"),
        (lines[staff.pk], f"article:{staff.pk}", "staff"),
        (lines[gone.pk], f"article:{gone.pk}", "missing"),
        (13, "article:999999", "missing"),
        (15, "article:x", "missing"),
        (15, f"/articles/{gone.pk}-%EC%9D%B4%EB%A6%84", "missing"),
    ]


def test_staff_may_link_to_staff_and_drafts_to_drafts(pay):
    staff, draft = write("가", visibility="staff"), write("나", publish=False)
    assert problems(write(f"[글](article:{staff.pk})", visibility="staff")) == []
    assert problems(write(f"[글](article:{draft.pk})", publish=False)) == []


def test_files_services_and_categories_that_are_not_there(pay):
    row, lost = uploads.store(io.BytesIO(b"1"), "a.txt"), uploads.store(io.BytesIO(b"2"), "b.txt")
    uploads.path_of(lost).unlink()
    OldPlace.objects.create(path="wallet", service=Service.objects.get(slug="pay"))
    missing = f"/uploads/{'a' * 64}.png"
    article = write(
        f"[가](/uploads/{row.file_name})\n[나](/uploads/{lost.file_name})\n![다]({missing})\n[라](/uploads/x)\n"
        "[서](/services/pay/) [카](/services/pay/refund/) [옛](/services/wallet/) [영](/en/services/pay/)\n"
        "[서](/services/none/)\n[카](/services/pay/none/)\n"
    )
    assert problems(article) == [
        (2, f"/uploads/{lost.file_name}", "upload"),
        (3, missing, "upload"),
        (4, "/uploads/x", "upload"),
        (6, "/services/none/", "place"),
        (7, "/services/pay/none/", "place"),
    ]


def test_headings_that_are_not_there(pay):
    target = write("## 환불 기간\n\n가\n\n::: details 언제?\n나\n:::")
    publishing.revise_article(
        target.pk, replace(publishing.current_draft(target), variants=(VariantDraft((), "## 새 제목"),))
    )
    article = write(
        f"## 앞\n\n[1](#h-앞)\n[2](#h-뒤)\n[3](article:{target.pk}#h-환불-기간)\n[4](article:{target.pk}#h-언제)\n"
        f"[5](article:{target.pk}#h-새-제목)\n[6](/articles/{target.pk}-글#h-없음)\n"
    )
    assert [(line, problem) for line, _address, problem in problems(article)] == [
        (4, "anchor"),
        (7, "anchor"),
        (8, "anchor"),
    ]


def test_empty_and_relative_addresses_and_good_ones(pay):
    body = (
        "[빈]()\n[샵](#)\n[상대](guide.html)\n![상대](../a.png)\n"
        "[밖](https://a.example/) [메일](mailto:a@a.example) [전화](tel:1588) [검색](/search?query=가) [밖](//a.example/)\n"
        "`[코드](guide.html)`\n"
    )
    expected = [(1, "", "empty"), (2, "#", "empty"), (3, "guide.html", "relative"), (4, "../a.png", "relative")]
    assert problems(write(body)) == expected
    assert problems(write(body, body_format="text")) == []
    html = "<p>가</p>\n<a href='guide.html'>나</a><img src='' alt=''>"
    assert problems(write(html, body_format="html")) == [(2, "guide.html", "relative"), (2, "", "empty")]


def test_addresses_below_the_path_of_the_site(pay):
    good = write("가")
    set_script_prefix("/help/")
    try:
        body = f"[가](/help/articles/{good.pk}) [나](/articles/{good.pk}) [다](/help/articles/999999)"
        assert problems(write(body)) == [(1, "/help/articles/999999", "missing")]
    finally:
        set_script_prefix("/")


def test_what_is_shown_and_what_was_written_last_are_looked_at(pay):
    article = write("[가](article:999991)")
    first = publishing.current_draft(article)
    for number in (2, 3):
        body = VariantDraft(("ios",), f"[가](article:99999{number})")
        publishing.revise_article(article.pk, replace(first, variants=(VariantDraft((), "글"), body)))
    found = list(broken_links())
    assert [(link.address, link.published, link.platforms) for link in found] == [
        ("article:999991", True, ()),
        ("article:999993", False, ("ios",)),
    ]
    publishing.archive(article.pk)
    assert list(broken_links()) == []


def test_the_number_of_queries_follows_the_number_of_chunks(pay, monkeypatch):
    monkeypatch.setattr(link_bodies, "CHUNK", 10)
    one = f"[가](article:1) [나](article:999999#h-가) ![](/uploads/{'a' * 64}.png) [서](/services/none/) [다](article:1#h-나)"
    publishing.bulk_create([ArticleDraft(f"글 {number}", (VariantDraft((), one),)) for number in range(10)])
    with CaptureQueriesContext(connection) as few:
        first = len(list(broken_links()))
    publishing.bulk_create([ArticleDraft(f"글 {number}", (VariantDraft((), one),)) for number in range(50)])
    with CaptureQueriesContext(connection) as many:
        all_of_them = len(list(broken_links()))
    assert all_of_them > first > 10
    # Ten articles and the look for more, then six times ten and the look; what is remembered is not asked for.
    assert len(many) - 1 <= 6 * (len(few) - 1) and len(few) <= 15


def bodies_read(asked: CaptureQueriesContext) -> list[str]:
    """The queries that fetched bodies."""
    return [one["sql"] for one in asked if '"kb_variant"."body"' in one["sql"]]


def test_a_second_report_reads_only_the_bodies_that_are_new(pay):
    target = write("## 제목\n\n가")
    good = write(f"[가](article:{target.pk}#h-제목)")
    bad = write("[가](article:999999) [밖](https://a.example/)")
    plain = write("링크 없는 글")
    first = problems()
    assert first == [(1, "article:999999", "missing")]
    with CaptureQueriesContext(connection) as asked:
        assert problems() == first and [address for address, *_ in external_links()] == ["https://a.example/"]
    assert bodies_read(asked) == []

    def revise(article, body: str, *, publish: bool = True) -> None:
        draft = publishing.current_draft(article)
        publishing.revise_article(article.pk, replace(draft, variants=(VariantDraft((), body),)), publish=publish)

    revise(bad, f"[가](article:{good.pk})")
    with CaptureQueriesContext(connection) as asked:
        assert problems() == []
    assert len(bodies_read(asked)) == 1
    revise(plain, "[나]()", publish=False)
    assert problems() == [(1, "", "empty")]
    # What is linked to changed; the bodies that link to it did not.
    revise(target, "## 새 제목")
    lost = (1, f"article:{target.pk}#h-{quote('제목')}", "anchor")
    assert problems() == [lost, (1, "", "empty")]
    publishing.archive(good.pk)
    assert problems() == [(1, f"article:{good.pk}", "archived"), (1, "", "empty")]


def test_another_body_under_the_same_number_is_read(pay):
    """As after a backup was restored."""
    article = write("[가](article:999999)")
    assert problems() == [(1, "article:999999", "missing")]
    later = article.published_revision.created_at + timedelta(seconds=1)
    Revision.objects.filter(article=article).update(created_at=later)
    Variant.objects.filter(revision__article=article).update(body="[나]()")
    assert problems() == [(1, "", "empty")]


def test_a_center_with_more_bodies_than_are_remembered(pay, monkeypatch):
    monkeypatch.setattr(link_bodies, "_links", LruCache(2))
    monkeypatch.setattr(link_bodies, "_anchors", LruCache(1))
    targets = [write(f"## 제목 {number}") for number in range(3)]
    for number, target in enumerate(targets):
        write(f"[가](article:{target.pk}#h-제목-{number}) [나](#h-{number})")
    assert problems() == problems() == [(1, f"#h-{number}", "anchor") for number in range(3)]


class Site(BaseHTTPRequestHandler):
    """Answers with the status that the path names."""

    asked: list[tuple[str, str]]

    def do_HEAD(self) -> None:
        self.answer("HEAD")

    def do_GET(self) -> None:
        self.answer("GET")

    def answer(self, method: str) -> None:
        self.asked.append((method, self.path))
        name = self.path.strip("/").partition("?")[0]
        if name == "get-only":
            self.send_response(405 if method == "HEAD" else 200)
        elif name.startswith("to-"):
            self.send_response(302)
            self.send_header(
                "Location", {"to-ok": "/200", "to-lost": "/404", "to-loop": "/to-loop"}.get(name, "http://10.0.0.1/")
            )
        else:
            self.send_response(int(name) if name.isdigit() else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args) -> None:
        pass


@contextmanager
def serving() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    handler = type("Own", (Site,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", handler.asked
        server.shutdown()
        thread.join()


def test_addresses_of_other_sites_are_asked():
    with serving() as (site, asked):
        names = ["200", "404", "500", "get-only", "to-ok", "to-lost", "to-loop", "to-private", "한글?a=나"]
        found = check_addresses([f"{site}/{name}" for name in names], allowed=lambda ip: ip == "127.0.0.1")
    said = {each.address.rpartition("/")[2]: (each.outcome, each.status) for each in found}
    assert said == {
        "200": ("ok", 200),
        "404": ("error", 404),
        "500": ("error", 500),
        "get-only": ("ok", 200),
        "to-ok": ("ok", 200),
        "to-lost": ("error", 404),
        "to-loop": ("ok", 302),
        "to-private": ("refused", None),
        "한글?a=나": ("ok", 200),
    }
    assert ("HEAD", "/get-only") in asked and ("GET", "/get-only") in asked
    assert ("GET", "/200") not in asked, "where HEAD is answered nothing else is asked"


def test_addresses_within_the_own_network_are_never_asked():
    with serving() as (site, asked):
        port = site.rpartition(":")[2]
        addresses = [
            site,
            f"http://localhost:{port}/",
            f"http://[::1]:{port}/",
            f"http://[::ffff:127.0.0.1]:{port}/",
            f"http://2130706433:{port}/",
            f"http://0.0.0.0:{port}/",
            f"http://user@127.0.0.1:{port}/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "http:///x",
        ]
        found = check_addresses(addresses)
    assert {each.outcome for each in found} <= {"refused", "unreachable"} and len(found) == len(addresses)
    assert found[0].outcome == found[1].outcome == found[4].outcome == "refused"
    assert not asked


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"]
    + ["::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "ff02::1", "::"],
)
def test_private_addresses_are_known(ip):
    assert not is_public_host(ip)


def test_public_addresses_are_known():
    assert is_public_host("8.8.8.8") and is_public_host("2001:4860:4860::8888")


def test_a_server_that_is_not_there_and_many_addresses():
    with serving() as (site, _asked):
        pass
    (found,) = check_addresses([site, site], allowed=lambda ip: True)
    assert found.outcome == "unreachable"
    assert len(check_addresses([f"ftp://a.example/{number}" for number in range(MOST + 50)])) == MOST


def test_links_to_other_sites_are_listed_with_their_articles(pay):
    first, second = write("[가](https://a.example/) [나](/search)"), write("[다](//b.example/x)\n\n<HTTP://c.example>")
    found = [(address, body.article, reference.line) for address, body, reference in external_links()]
    assert found == [
        ("https://a.example/", first.pk, 1),
        ("https://b.example/x", second.pk, 1),
        ("HTTP://c.example", second.pk, 3),
    ]
