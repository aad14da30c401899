"""Properties of all bodies of an article in one text.

1. Any bodies come back exactly, whatever stands in them, in every format and language.
2. What people wrote before markers knew languages is read as it was; faults are named.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haedap.kb.bodies import join_bodies, split_bodies
from haedap.kb.drafts import DraftError, VariantDraft

pieces = ["<!-- platform: ios -->", "\\<!-- language: en -->", "<!-- spaces: kept", "a", "", "  ", "---", "# 가"]
bodies = st.one_of(
    st.text("ab \n\\<!-platform:ios>;", max_size=20),
    st.lists(st.sampled_from(pieces), max_size=4).map("\n".join),
)
places = st.tuples(st.sampled_from(["ko", "en", "zh-hans"]), st.sampled_from([(), ("ios",), ("mac", "windows")]))
formats = st.sampled_from(["markdown", "html", "text"])


@given(st.dictionaries(places, st.tuples(bodies, formats), min_size=1))
def test_any_bodies_come_back(written):
    variants = {
        VariantDraft(platforms, body, body_format, language)
        for (language, platforms), (body, body_format) in written.items()
    }
    assert set(split_bodies(join_bodies(variants, "markdown"))) == variants


def test_what_a_person_writes():
    text = "공통\n\n<!-- platform: ios, mac -->\n\n애플\n\n<!-- language: EN; platform: ios -->  \nApple\n<!-- language: en -->\nAll"
    assert split_bodies(text) == (
        VariantDraft((), "공통"),
        VariantDraft(("ios", "mac"), "애플"),
        VariantDraft(("ios",), "Apple", "markdown", "en"),
        VariantDraft((), "All", "markdown", "en"),
    )
    assert split_bodies("<!-- platform: common; format: html -->\n<p>x</p>") == (VariantDraft((), "<p>x</p>", "html"),)
    assert split_bodies("글\n<!-- other: comment -->\n글")[0].body == "글\n<!-- other: comment -->\n글"


@pytest.mark.parametrize(
    "text",
    [
        "<!-- platform: ios -->\n",
        "<!-- platform: , -->\n본문",
        "<!-- platform: -->\n본문",
        "<!-- platform: ios; platform: mac -->\n본문",
        "<!-- format: rtf -->\n본문",
    ],
)
def test_a_faulty_marker_is_named(text):
    with pytest.raises(DraftError):
        split_bodies(text)
