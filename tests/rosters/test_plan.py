"""What a file changes of what is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.tickets import Rung
from bot.rosters.changes import (
    Change,
    CloseTeam,
    PutHamlet,
    PutMember,
    PutTeam,
    RemoveMember,
    decode_change,
    encode_change,
)
from bot.rosters.form import Field
from bot.rosters.plan import Plan, What, plan
from bot.rosters.roster import Hamlet, Member, Roster, Stored, StoredMember, StoredTeam, Team
from tests.rosters.conftest import TAN_AN

HAMLET = f"{TAN_AN}.rach-goc"
TEAM = Team("", "Tổ ấp Rạch Gốc", Rung.HAMLET, (HAMLET,), "Xã Tân Ân, Tỉnh Cà Mau")
AN = Member("", "Nguyễn Văn An", phone="0900000001", row=2)
BE = Member("", "Trần Thị Bé", phone="0900000002", row=3)


def roster(*teams: tuple[Team, Iterable[Member]]) -> Roster:
    found = Roster(
        teams=[team for team, _ in teams],
        members=[list(members) for _, members in teams],
        rows=[2 + number for number in range(len(teams))],
    )
    for team in found.teams:
        for code in team.coverage:
            if code.count(".") == 2:
                found.hamlets[code] = Hamlet(code, TAN_AN, code.rpartition(".")[2])
    return found


def after(stored: Stored, changes: Iterable[Change]) -> Stored:
    """What is stored once the changes are made, as the database does it."""
    teams = {team.id: team for team in stored.teams}
    members = {member.id: member for member in stored.members}
    hamlets = dict(stored.hamlets)
    for change in changes:
        match change:
            case PutHamlet():
                hamlets[change.hamlet.code] = change.hamlet
            case PutTeam():
                number = change.id or max(teams, default=0) + 1
                teams[number] = StoredTeam(number, change.team)
            case PutMember():
                number = change.id or max(members, default=0) + 1
                (team,) = (t.id for t in teams.values() if t.team.key == change.team_key)
                members[number] = StoredMember(number, team, change.member)
            case RemoveMember():
                gone = members[change.id]
                bare = replace(gone.member, phone="")
                members[change.id] = replace(gone, removed=True, member=bare)
            case CloseTeam():
                teams[change.id] = replace(teams[change.id], active=False)
    return Stored(tuple(teams.values()), tuple(members.values()), hamlets)


def imported(file: Roster, stored: Stored | None = None, **options: Any) -> Stored:
    made = plan(file, stored or Stored(), **options)
    assert made.problems == []
    return after(stored or Stored(), made.changes)


def words(made: Plan) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(line.what.value, line.name, line.fields) for line in made.lines]


def test_everything_is_new_once() -> None:
    file = roster((TEAM, [AN, BE]))
    first = plan(file, Stored())
    assert first.count(What.NEW, is_team=True) == 1
    assert first.count(What.NEW, is_team=False) == 2
    again = plan(file, after(Stored(), first.changes))
    assert (again.changes, again.lines) == ([], [])


def test_keys_say_nothing_of_a_phone() -> None:
    one = imported(roster((TEAM, [AN])))
    other = imported(roster((TEAM, [replace(AN, phone="0900000077")])))
    assert one.members[0].member.key == other.members[0].member.key != ""


@pytest.mark.parametrize(
    ("now", "fields"),
    [
        (replace(AN, phone="0900000009"), ("phone",)),
        (replace(AN, phone=""), ("phone",)),
        (replace(AN, name="Nguyễn Văn Ân"), ("name",)),
        (replace(AN, languages=("vi", "khmer"), max_open=2), ("languages", "max_open")),
    ],
)
def test_a_member_is_found_again(now: Member, fields: tuple[str, ...]) -> None:
    made = plan(roster((TEAM, [now, BE])), imported(roster((TEAM, [AN, BE]))))
    assert words(made) == [("changed", now.name, fields)]


def test_a_key_finds_who_changed_everything() -> None:
    keyed = replace(AN, key="tv1")
    now = replace(keyed, name="Nguyễn An", phone="0900000009")
    made = plan(roster((TEAM, [now])), imported(roster((TEAM, [keyed]))))
    assert words(made) == [("changed", "Nguyễn An", ("name", "phone"))]


def test_a_key_given_later_is_taken_and_another_key_is_another_person() -> None:
    stored = imported(roster((TEAM, [AN])))
    keyed = imported(roster((TEAM, [replace(AN, key="tv1")])), stored)
    assert [m.member.key for m in keyed.members] == ["tv1"]
    other = replace(AN, key="tv2", phone="0900000009")
    made = plan(roster((TEAM, [other])), keyed)
    assert words(made) == [("new", AN.name, ()), ("missing", AN.name, ())]


def test_a_member_who_goes_to_another_team_of_the_file() -> None:
    commune = Team("", "Tổ xã", Rung.COMMUNE, (TAN_AN,))
    stored = imported(roster((TEAM, [AN, BE]), (commune, [])))
    made = plan(roster((TEAM, [BE]), (commune, [AN])), stored)
    (change,) = made.changes
    assert isinstance(change, PutMember)
    assert (change.id, change.moved) == (1, True)
    assert words(made) == [("changed", AN.name, ("team",))]


def test_a_person_of_two_teams_stays_in_both() -> None:
    elsewhere = Team("", "Tổ khác", Rung.COMMUNE, ("96.32240",))
    stored = imported(roster((elsewhere, [AN])))
    made = plan(roster((TEAM, [AN])), stored)
    assert words(made) == [("new", TEAM.name, ()), ("new", AN.name, ())]


def test_a_team_is_found_by_key_place_and_name_or_group() -> None:
    stored = imported(roster((replace(TEAM, group="-1001"), [AN])))
    renamed = replace(TEAM, name="Tổ mới", group="-1001")
    assert words(plan(roster((renamed, [AN])), stored)) == [("changed", "Tổ mới", ("name",))]
    keyed = imported(roster((replace(TEAM, key="T1"), [AN])), stored)
    assert keyed.teams[0].team.key == "T1"
    moved = replace(TEAM, key="T1", name="Tổ khác hẳn", coverage=("96.32240.ap-1",))
    made = plan(roster((moved, [AN])), keyed)
    assert words(made) == [("changed", "Tổ khác hẳn", ("name", "coverage"))]
    other = replace(TEAM, key="T2")
    assert words(plan(roster((other, [])), keyed))[0] == ("new", TEAM.name, ())


def test_a_group_is_not_forgotten_for_an_empty_cell() -> None:
    stored = imported(roster((replace(TEAM, group="-1001"), [AN])))
    assert plan(roster((TEAM, [AN])), stored).changes == []


def test_a_column_that_is_not_there_changes_nothing() -> None:
    full = replace(AN, languages=("vi", "khmer"), hours='{"T2":["19:00-21:00"]}', max_open=2)
    team = replace(TEAM, phone="0900000100", hours='{"T2":["07:00-11:00"]}')
    stored = imported(roster((team, [full])))
    short = roster((TEAM, [AN]))
    short.columns = frozenset({Field.TEAM, Field.PROVINCE, Field.COMMUNE, Field.NAME, Field.PHONE})
    assert plan(short, stored).changes == []
    assert words(plan(roster((TEAM, [AN])), stored)) == [
        ("changed", TEAM.name, ("phone", "hours")),
        ("changed", AN.name, ("languages", "hours", "max_open")),
    ]


def test_missing_ones_are_listed_and_removed_when_asked() -> None:
    gone = Team("", "Tổ ấp 2", Rung.HAMLET, (f"{TAN_AN}.ap-2",))
    far = Team("", "Tổ xa", Rung.HAMLET, ("96.32240.ap-1",))
    cu = Member("", "Lê Cu", phone="0900000003")
    stored = imported(roster((TEAM, [AN, BE]), (gone, [cu]), (far, [])))
    stored = imported(roster((far, [Member("", "Đặng Dần")])), stored)
    file = roster((TEAM, [AN]))
    listed = plan(file, stored)
    assert listed.changes == []
    # Another commune's team is none of this file's business.
    assert words(listed) == [
        ("missing", BE.name, ()),
        ("missing", cu.name, ()),
        ("missing", gone.name, ()),
    ]
    removed = plan(file, stored, remove_missing=True)
    assert removed.changes == [RemoveMember(2), RemoveMember(3), CloseTeam(2)]
    left = after(stored, removed.changes)
    assert plan(file, left, remove_missing=True).changes == []
    back = plan(roster((TEAM, [AN, BE]), (gone, [cu])), left)
    assert [line.fields[-1:] for line in back.lines] == [("active",), ("back",), ("back",)]
    assert back.count(What.NEW, is_team=False) == 0


def test_members_of_no_roster_are_left_alone_or_taken_up() -> None:
    stored = imported(roster((TEAM, [AN])))
    by_claim = StoredMember(9, 1, Member("", "Chị Hoa"), joined=True)
    stored = Stored(stored.teams, (*stored.members, by_claim), stored.hamlets)
    assert plan(roster((TEAM, [AN])), stored, remove_missing=True).changes == []
    (change,) = plan(roster((TEAM, [AN, Member("", "Chị Hoa")])), stored).changes
    assert isinstance(change, PutMember)
    assert (change.id, change.member.key != "") == (9, True)


def test_what_belongs_to_others_is_refused() -> None:
    far = Team("", "Tổ xa", Rung.COMMUNE, ("96.32240",), group="-1001")
    keyed = imported(roster((replace(far, key="F"), [AN])))
    made = plan(roster((replace(TEAM, key="T", group="-1001"), [replace(AN, name="Lê Cu")])), keyed)
    assert [(p.row, p.column, p.text) for p in made.problems] == [
        (2, '"Nhóm Telegram"', "is that of 'Tổ xa', which is not in this file"),
        (2, '"Điện thoại"', "is that of 'Nguyễn Văn An' of 'Tổ xa', who is not in this file"),
    ]
    assert made.changes == []
    twice = roster((replace(TEAM, group="-1"), []), (replace(far, group="-1"), []))
    assert "one group, one team" in plan(twice, Stored()).problems[0].text


PEOPLE = st.lists(
    st.builds(
        Member,
        key=st.sampled_from(["", "", "k1", "k2"]),
        name=st.sampled_from(["An", "Bé", "Cu"]),
        phone=st.sampled_from(["", "0900000001", "0900000002", "0900000003"]),
        max_open=st.integers(0, 3),
    ),
    max_size=4,
    unique_by=(lambda m: m.key or m.name + m.phone, lambda m: m.phone or m.name + m.key),
)


@given(PEOPLE, PEOPLE)
def test_a_second_import_of_any_file_changes_nothing(first: Any, second: Any) -> None:
    stored = imported(roster((TEAM, first)))
    made = plan(roster((TEAM, second)), stored, remove_missing=True)
    if made.problems:
        return
    now = after(stored, [decode_change(encode_change(change)) for change in made.changes])
    assert plan(roster((TEAM, second)), now, remove_missing=True).changes == []
    there = [m.member for m in now.members if not m.removed]
    assert sorted((m.name, m.phone) for m in there) == sorted((m.name, m.phone) for m in second)
    assert len({m.key for m in there}) == len(there)
