"""What two revisions say is compared line by line, and the words that changed are marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haedap.kb.diffing import ContentDiff, Line, Piece, compare, compare_texts, compare_words
from haedap.kb.drafts import ArticleDraft, VariantDraft


def draft(*variants: VariantDraft, title: str = "환불", **more) -> ArticleDraft:
    return ArticleDraft(title, variants or (VariantDraft((), "본문"),), **more)


def marked(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.changed else piece.text for piece in pieces)


def shown(lines: tuple[Line, ...]) -> list[str]:
    return [f"{line.kind} {marked(line.before)} > {marked(line.after)}" for line in lines]


def test_only_the_words_that_changed_are_marked():
    before, after = compare_words("영업일 기준 3일 안에 환불됩니다.", "영업일 기준 5일 안에 환불됩니다.")
    assert (marked(before), marked(after)) == (
        "영업일 기준 [3]일 안에 환불됩니다.",
        "영업일 기준 [5]일 안에 환불됩니다.",
    )
    before, after = compare_words("앱에서 취소를 누릅니다.", "앱에서 취소 요청을 누릅니다.")
    assert (marked(before), marked(after)) == ("앱에서 [취소를] 누릅니다.", "앱에서 [취소 요청을] 누릅니다.")


def test_a_changed_line_stands_beside_its_new_form_and_a_new_one_alone():
    rows = compare_texts("처음\n결제 내역을 엽니다.\n끝", "처음\n완전히 새로운 줄\n결제 내역 화면을 엽니다.\n끝")
    assert shown(rows) == [
        "same 처음 > 처음",
        "added  > [완전히 새로운 줄]",
        "changed 결제 [내역을] 엽니다. > 결제 [내역 화면을] 엽니다.",
        "same 끝 > 끝",
    ]
    assert [(row.before_number, row.after_number) for row in rows] == [(1, 1), (None, 2), (2, 3), (3, 4)]


def test_far_equal_lines_are_left_out():
    text = "\n".join(f"{number}번째 줄" for number in range(100))
    diff = compare(draft(VariantDraft((), text)), draft(VariantDraft((), text.replace("50번째", "쉰번째"))))
    (body,) = diff.bodies
    (hunk,) = body.hunks
    assert (hunk.skipped, len(hunk.lines), body.skipped) == (47, 7, 46)
    assert [line.kind for line in hunk.lines] == ["same"] * 3 + ["changed"] + ["same"] * 3


def test_bodies_are_matched_by_language_and_platforms():
    common, phone = VariantDraft((), "공통"), VariantDraft(("ios", "mac"), "아이폰과 맥")
    english = VariantDraft((), "Common", language="en")
    diff = compare(
        draft(common, phone, VariantDraft(("windows",), "윈도우")),
        draft(common, VariantDraft(("ios",), "아이폰과 맥"), VariantDraft(("android",), "안드로이드"), english,
              titles=(("en", "Refunds"),)),
    )  # fmt: skip
    assert [(body.kind, body.language, body.before_platforms, body.after_platforms) for body in diff.bodies] == [
        ("same", "ko", (), ()),
        ("changed", "ko", ("ios", "mac"), ("ios",)),
        ("added", "ko", None, ("android",)),
        ("added", "en", None, ()),
        ("removed", "ko", ("windows",), None),
    ]
    assert diff.bodies[1].platforms_changed and not diff.bodies[1].hunks
    assert [(title.language, title.line.kind) for title in diff.titles] == [("ko", "same"), ("en", "added")]


@pytest.mark.parametrize(
    "other",
    [
        draft(title="환불 안내"),
        draft(VariantDraft((), "본문 ")),
        draft(VariantDraft((), "본문", "text")),
        draft(VariantDraft(("ios",), "본문")),
        draft(VariantDraft((), "본문"), VariantDraft((), "Body", language="en"), titles=(("en", "Refund"),)),
    ],
)
def test_every_kind_of_difference_is_one(other):
    assert compare(draft(), other).changed and compare(other, draft()).changed


def test_equal_contents_do_not_differ():
    diff = compare(draft(), draft(tags=("다른 태그",)))
    assert isinstance(diff, ContentDiff) and not diff.changed


texts = st.lists(
    st.sampled_from(["", "가", "나 다", "나 라", "환불 안내 3일", "환불 안내 5일", "  "]), max_size=30
).map("\n".join)


@given(texts, texts)
def test_both_texts_can_be_read_from_the_rows(before, after):
    rows = compare_texts(before, after)
    for text, side, number in (
        (before, "before", "before_number"),
        (after, "after", "after_number"),
    ):
        lines = [row for row in rows if getattr(row, number)]
        assert [getattr(row, number) for row in lines] == list(range(1, text.count("\n") + 2))
        assert "\n".join("".join(piece.text for piece in getattr(row, side)) for row in lines) == text
    assert all(marked(row.before) == marked(row.after) for row in rows if row.kind == "same")
    assert (before == after) == all(row.kind == "same" for row in rows)


def test_a_body_of_200_kb_with_every_other_line_changed():
    lines = [f"{number}번째 줄: 환불은 {number % 7}일 안에 됩니다." for number in range(8_000)]
    changed = [line.replace("환불은", "취소는") if number % 2 else line for number, line in enumerate(lines)]
    rows = compare_texts("\n".join(lines), "\n".join(changed))
    assert [row.kind for row in rows] == ["same", "changed"] * 4_000
    assert marked(rows[1].after) == "1번째 줄: [취소는] 1일 안에 됩니다."
