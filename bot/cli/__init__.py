"""The commands. Each module has one group; what is slow to import is imported inside a command."""

from __future__ import annotations

import typer

from bot.cli import (
    backup,
    check,
    check_message,
    check_qr,
    content,
    contributions,
    demo,
    doctor,
    holidays,
    key,
    locality,
    nlu,
    people,
    poster,
    rasa,
    report,
    roles,
    roster,
    run,
    safety,
    safety_messages,
    staff,
    zalo,
)

app = typer.Typer(
    name="congdanso",
    help="A chat assistant that helps rural citizens of Vietnam become digital citizens.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(run.serve)
app.command()(roles.web)
app.command()(roles.worker)
app.command()(roles.scheduler)
app.command()(run.chat)
app.command()(run.ask)
app.command()(run.settings)
app.command()(doctor.doctor)
app.command()(backup.backup)
app.command()(backup.restore)
app.add_typer(backup.db_group, name="db")
app.add_typer(key.group, name="key")
app.command()(holidays.holidays)
app.command()(poster.poster)
app.command()(report.report)
app.command()(demo.demo)
app.add_typer(locality.group, name="locality")
app.add_typer(nlu.group, name="nlu")
app.add_typer(rasa.group, name="rasa")
app.add_typer(content.group, name="content")
check.group.command()(check_message.message)
check.group.command()(check_qr.qr)
app.add_typer(check.group, name="check")
safety.group.command()(safety_messages.train_messages)
app.add_typer(safety.group, name="safety")
app.add_typer(staff.group, name="staff")
app.add_typer(people.team_group, name="team")
app.add_typer(roster.group, name="roster")
app.add_typer(zalo.group, name="zalo")
roster.group.command("contributions")(contributions.contributions)
roster.group.command("times")(contributions.times)

__all__ = ["app"]
