"""Properties of merging.

1. Copies with stated, disjoint platforms that agree are one group; others are alone.
2. The order of the records does not matter.
3. A group keeps its article, also when a copy joins or leaves.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from haedap.importing.merging import Copy, group

KEY = ("여울톡", "계정", "로그인이 안 돼요")


def ids(copies):
    return sorted(made.external_ids for made in group(copies))


def test_three_copies_are_one():
    copies = [Copy("a", KEY, ("ios",)), Copy("b", KEY, ("android",)), Copy("c", KEY, ("android-onestore",))]
    assert ids(copies) == [("a", "b", "c")]


def test_common_and_a_platform_are_one():
    assert ids([Copy("a", KEY, ("common",)), Copy("b", KEY, ("ios",))]) == [("a", "b")]


def test_what_does_not_agree_stays_apart():
    other = ("여울톡", "결제", "로그인이 안 돼요")
    assert ids([Copy("a", KEY, ("ios",)), Copy("b", other, ("mac",))]) == [("a",), ("b",)]
    assert ids([Copy("a", KEY, ()), Copy("b", KEY, ()), Copy("c", KEY, ("ios",))]) == [("a",), ("b",), ("c",)]
    assert ids([Copy("a", KEY, ("ios", "mac")), Copy("b", KEY, ("mac",))]) == [("a",), ("b",)]


def test_a_copy_joins_the_article_that_is_there():
    (made,) = group([Copy("b", KEY, ("ios",), article=7), Copy("a", KEY, ("mac",))])
    assert made.article == 7
    first, second = group([Copy("b", KEY, ("ios",), article=7), Copy("a", KEY, ("ios",))])
    assert {first.external_ids: first.article, second.external_ids: second.article} == {("b",): 7, ("a",): None}


def test_where_copies_part_most_keep_the_article():
    renamed = (*KEY[:2], "새 제목")
    copies = [Copy("a", renamed, ("ios",), 7), Copy("b", KEY, ("mac",), 7), Copy("c", KEY, ("windows",), 7)]
    assert {made.external_ids: made.article for made in group(copies)} == {("a",): None, ("b", "c"): 7}


platforms = st.sets(st.sampled_from(["common", "ios", "android", "mac"]), max_size=2).map(lambda s: tuple(sorted(s)))
copies = st.lists(
    st.builds(
        Copy,
        external_id=st.integers(0, 30).map(str),
        key=st.sampled_from([KEY, (*KEY[:2], "둘")]),
        platforms=platforms,
        article=st.none() | st.integers(1, 4),
    ),
    unique_by=lambda copy: copy.external_id,
    max_size=10,
)


@given(copies, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_groups_are_sound(made, rng):
    groups = group(made)
    shuffled = list(made)
    rng.shuffle(shuffled)
    assert sorted(groups, key=str) == sorted(group(shuffled), key=str)
    by_id = {copy.external_id: copy for copy in made}
    assert sorted(id for each in groups for id in each.external_ids) == sorted(by_id)
    kept = [each.article for each in groups if each.article is not None]
    assert len(kept) == len(set(kept))
    for each in groups:
        members = [by_id[id] for id in each.external_ids]
        stated = [slug for copy in members for slug in copy.platforms]
        assert len(stated) == len(set(stated))
        assert len(members) == 1 or (all(copy.platforms for copy in members) and len({c.key for c in members}) == 1)
