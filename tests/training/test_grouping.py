"""Groups of questions: what belongs together, ids that stay, places that name nobody."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.services.clustering import SHOWN_LEAST, same_clusters, shown_areas
from nlu.embedded.clusters import find_clusters

LAND = ["sang tên sổ đỏ cần gì", "sang ten so do can gi", "sang tên sổ đỏ mất bao lâu",
        "muốn sang tên sổ đỏ cho con"]  # fmt: skip
PIGS = ["heo bị dịch tả báo ai", "heo nhà tui bị dịch tả báo ai", "dịch tả heo báo cho ai"]


def test_what_says_nearly_the_same_is_one_group() -> None:
    texts = [*LAND, *PIGS, "trời hôm nay đẹp quá", "…", ""]
    found = [set(c.members) for c in find_clusters(texts)]
    assert found == [set(range(4)), {4, 5, 6}]


def test_a_sentence_sent_many_times_is_a_group() -> None:
    (found,) = find_clusters(["alo alo"] * 5)
    assert found.members == (0, 1, 2, 3, 4)


def test_too_few_are_none() -> None:
    assert find_clusters([]) == []
    assert find_clusters(["một câu"]) == []
    assert find_clusters(["sang tên sổ đỏ", "heo bị dịch tả", "bao giờ có mưa"]) == []


def test_wordings_come_before_repeats() -> None:
    (found,) = find_clusters([LAND[0], LAND[0], LAND[2], LAND[3]])
    assert set(found.members[:3]) == {0, 2, 3}
    assert found.members[3] == 1


def test_a_cluster_keeps_its_id_while_most_of_its_members_stay() -> None:
    before = {7: {1, 2, 3, 4}, 9: {5, 6}}
    assert same_clusters(before, [[1, 2, 3, 10], [5, 6, 4], [11, 12, 13]]) == [7, 9, None]


def test_of_two_halves_neither_is_the_old_cluster() -> None:
    assert same_clusters({7: {1, 2, 3, 4}}, [[1, 2], [3, 4]]) == [None, None]


def test_two_that_became_one_keep_the_larger_ones_id() -> None:
    assert same_clusters({7: {1, 2, 3}, 9: {5, 6}}, [[1, 2, 3, 5, 6]]) == [7]


def test_what_nobody_asks_any_more_does_not_count_against_it() -> None:
    assert same_clusters({7: set(range(100))}, [[1, 2, 500]]) == [7]


@given(
    st.dictionaries(st.integers(1, 5), st.sets(st.integers(1, 30), max_size=8)),
    st.lists(st.lists(st.integers(1, 30), unique=True, max_size=8), max_size=6),
)
def test_no_id_is_given_twice(before: dict[int, set[int]], groups: list[list[int]]) -> None:
    kept = [number for number in same_clusters(before, groups) if number is not None]
    assert len(kept) == len(set(kept))
    assert set(kept) <= set(before)


@given(st.dictionaries(st.sampled_from(["", "96", "66", "19", "96.1", "96.2"]), st.integers(1, 20)))
def test_no_small_count_is_shown_or_can_be_worked_out(counts: dict[str, int]) -> None:
    named, rest = shown_areas(counts)
    assert all(n >= SHOWN_LEAST for _, n in named)
    assert rest == 0 or rest >= SHOWN_LEAST or not named
    assert sum(n for _, n in named) + rest == sum(counts.values())
