"""safety train; safety feed …; safety host …: what an operator and staff know of swindlers."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import CongdansoError
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.services.runtime import Runtime
    from bot.store.feeds import Feed

group = typer.Typer(help="Lists of swindlers' hosts, and the model of links.", no_args_is_help=True)
feed_group = typer.Typer(help="Feeds of hosts: files or addresses.", no_args_is_help=True)
host_group = typer.Typer(help="What staff say of a host; it outweighs feeds.", no_args_is_help=True)
group.add_typer(feed_group, name="feed")
group.add_typer(host_group, name="host")

_Who = Annotated[str, typer.Option(help="Who does it, for the record; the system's user.")]
_Name = Annotated[str, typer.Argument(help="The feed's short name.")]
_Host = Annotated[str, typer.Argument(help="A host such as example.com, or a link.")]


@contextmanager
def _opened(settings: Settings) -> Iterator[Runtime]:
    from bot.app import open_runtime

    runtime = open_runtime(settings)
    try:
        yield runtime
    finally:
        runtime.db.close()


def _person(who: str) -> str:
    return who or getpass.getuser()


@group.command()
def train(
    feed: Annotated[
        list[str] | None, typer.Option(help="Also learn from this feed's hosts; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; under var_dir.")] = None,
    names: Annotated[
        int, typer.Option(min=100, max=1_000_000, help="Names composed of each sort.")
    ] = 30_000,
) -> None:
    """Train the model of links from names it composes itself, and from feeds if wanted."""
    from bot.safety.links.knowledge import load_knowledge
    from bot.safety.links.train import train as train_model
    from bot.services.linkcheck import knowledge_folder, model_path

    settings = load_settings()
    knowledge = load_knowledge(knowledge_folder(settings))
    hosts = list(_hosts_of(settings, feed)) if feed else []
    path = out or model_path(settings)
    try:
        train_model(knowledge, hosts, many=names).save(path)
    except OSError as error:
        raise CongdansoError(f"{path}: cannot be written ({error.strerror})") from error
    learnt = f" and {len(hosts)} hosts of feeds" if feed else ""
    print(f"{path}: trained from composed names{learnt}")


def _hosts_of(settings: Settings, names: list[str]) -> Iterator[str]:
    from bot.store import feeds as store

    with _opened(settings) as runtime:
        for name in names:
            packed = runtime.db.read_now(partial(store.content, name=name))
            if packed is None:
                raise CongdansoError(
                    f"{name}: no such feed with hosts; see `congdanso safety feed list`"
                )
            yield from store.unpack(packed)


@feed_group.command("add")
def feed_add(
    name: _Name,
    source: Annotated[str, typer.Argument(help="A file, or an address with https://.")],
    format: Annotated[str, typer.Option(help="hosts, plain, adblock or csv.")] = "plain",
    title: Annotated[str, typer.Option(help="What citizens are told it is called.")] = "",
    allow_http: Annotated[bool, typer.Option("--allow-http", help="http:// may be used.")] = False,
    who: _Who = "",
) -> None:
    """Add a feed, or change the one of this name, and fetch it."""
    from bot.services.feeds import add_feed

    with _opened(load_settings()) as runtime:
        given = {"name": name, "title": title or name, "source": source, "format": format}
        add_feed(runtime, _person(who), plain_http=allow_http, **given)
        _show(_fetched(runtime, name))


@feed_group.command("refresh")
def feed_refresh(name: _Name) -> None:
    """Fetch a feed now."""
    with _opened(load_settings()) as runtime:
        _show(_fetched(runtime, name))


@feed_group.command("remove")
def feed_remove(name: _Name, who: _Who = "") -> None:
    """Forget a feed and its hosts."""
    from bot.store import feeds as store

    with _opened(load_settings()) as runtime:
        now, person = runtime.now(), _person(who)
        if not runtime.db.write_now(lambda c: store.remove_feed(c, name, person, now)):
            raise CongdansoError(f"{name}: no such feed; see `congdanso safety feed list`")
    print(f"{name}: removed")


@feed_group.command("list")
def feed_list() -> None:
    """Every feed with its health."""
    from bot.store import feeds as store

    with _opened(load_settings()) as runtime:
        found = runtime.db.read_now(store.feeds)
    for feed in found:
        _show(feed)
    if not found:
        print("no feeds; add one with `congdanso safety feed add`")


def _fetched(runtime: Runtime, name: str) -> Feed:
    from bot import logs
    from bot.services.feeds import Feeds
    from bot.services.linkcheck import open_checker

    # What was refused is said below.
    logs.configure("error")
    feed = asyncio.run(Feeds(runtime, *open_checker(runtime.settings)).refresh(name))
    if feed is None:
        raise CongdansoError(f"{name}: no such feed; see `congdanso safety feed list`")
    return feed


def _show(feed: Feed) -> None:
    when = f"{feed.fetched_at:%Y-%m-%d %H:%M} UTC" if feed.fetched_at else "never"
    state = f"REFUSED: {feed.problem}" if feed.problem else "ok"
    print(f"{feed.name} ({feed.format}, {feed.source}): {feed.hosts} hosts of {when}; {state}")


@host_group.command("bad")
def host_bad(
    host: _Host, why: Annotated[str, typer.Option(help="Why, for the record.")], who: _Who = ""
) -> None:
    """From now on this host is dangerous."""
    _decide(host, True, why, who)


@host_group.command("clear")
def host_clear(
    host: _Host, why: Annotated[str, typer.Option(help="Why, for the record.")], who: _Who = ""
) -> None:
    """From now on no feed and no rule makes this host dangerous."""
    _decide(host, False, why, who)


def _decide(host: str, bad: bool, why: str, who: str) -> None:
    from bot.services.feeds import decide_host

    with _opened(load_settings()) as runtime:
        name = decide_host(runtime, host, bad, _person(who), why)
    print(f"{name}: {'dangerous' if bad else 'cleared'}")


@host_group.command("forget")
def host_forget(host: _Host, who: _Who = "") -> None:
    """Leave a host to feeds and rules again."""
    from bot.services.feeds import host_name
    from bot.store import feeds as store

    name = host_name(host)
    with _opened(load_settings()) as runtime:
        now, person = runtime.now(), _person(who)
        if not runtime.db.write_now(lambda c: store.forget_host(c, name, person, now)):
            raise CongdansoError(f"{name}: nothing was decided of it")
    print(f"{name}: forgotten")


@host_group.command("list")
def host_list() -> None:
    """What staff decided, the newest first."""
    from bot.store import feeds as store

    with _opened(load_settings()) as runtime:
        for row in runtime.db.read_now(store.hosts):
            said = "dangerous" if row.bad else "cleared"
            print(f"{row.host}: {said}, {row.who}, {row.decided_at:%Y-%m-%d}: {row.why}")


@group.command()
def audit() -> None:
    """Who changed feeds and hosts, the newest first."""
    from bot.store import feeds as store

    with _opened(load_settings()) as runtime:
        for row in runtime.db.read_now(store.audit):
            print(
                f"{row.at:%Y-%m-%d %H:%M} {row.who} {row.act} {row.subject} {row.detail}".rstrip()
            )
