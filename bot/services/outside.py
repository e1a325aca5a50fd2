"""Addresses outside, asked without letting anybody use us to look around inside (SSRF).

A name is resolved here, every address it has is looked at, and the connection goes to one of those
very addresses: a name that leads elsewhere a moment later (DNS rebinding), or a redirect to one,
changes nothing. Only addresses of the public internet are asked, besides what the operator allows
by CONGDANSO_INTRANET. Proxies of the environment are not used: they would resolve names themselves.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import httpcore
import httpx

from bot.errors import SettingsError

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
#: Addresses of the other kind in here reach whatever the last four bytes say (RFC 6052).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@cache
def certificates(*, trust_env: bool = True) -> ssl.SSLContext:
    """How servers' certificates are checked, shared by all clients: to read the authorities'
    certificates takes a client longer than all the rest of its making. `trust_env`: by
    SSL_CERT_FILE and SSL_CERT_DIR, when they are set."""
    return httpx.create_ssl_context(trust_env=trust_env)


class Forbidden(httpcore.ConnectError):
    """A name or an address leads to where we do not ask."""


def public(address: _Address) -> bool:
    """Whether an address is one of the public internet, whatever it is wrapped in."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return public(address.ipv4_mapped)
        if address in _NAT64:
            return public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inner = [address.sixtofour, *(address.teredo or ())]
        if any(each is not None and not public(each) for each in inner):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def from_outside(host: str) -> bool:
    """Whether who asks is on the public internet. False for what is no address (a socket)."""
    try:
        return public(ipaddress.ip_address(host))
    except ValueError:
        return False


class Guard:
    """Which addresses are asked. `allow`: networks, addresses and host names of the intranet."""

    def __init__(self, allow: Iterable[str] = ()) -> None:
        self._networks: list[_Network] = []
        self._hosts: set[str] = set()
        for each in filter(None, (name.strip().lower() for name in allow)):
            try:
                self._networks.append(ipaddress.ip_network(each))
            except ValueError:
                self._hosts.add(each.strip("[]"))

    def pick(self, host: str, found: Sequence[str]) -> str:
        """The address to connect to, of those that a name has. Forbidden when one of them leads
        inside: a name that has such an address is not asked at all."""
        if not found:
            raise Forbidden(f"{host} has no address")
        if host.lower() in self._hosts:
            return found[0]
        for text in found:
            address = ipaddress.ip_address(text.partition("%")[0])
            if not public(address) and not any(
                address in network
                for network in self._networks
                if network.version == address.version
            ):
                raise Forbidden(f"{host} is no address of the public internet")
        return found[0]


def intranet(setting: str) -> tuple[str, ...]:
    """The parts of CONGDANSO_INTRANET. SettingsError for what is neither network nor host."""
    parts = tuple(filter(None, (part.strip() for part in setting.split(","))))
    for part in parts:
        if "/" in part:
            try:
                ipaddress.ip_network(part)
            except ValueError as error:
                raise SettingsError(
                    f"CONGDANSO_INTRANET: {part} is no network such as 10.20.0.0/16"
                ) from error
    return parts


class _Connecting(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend, guard: Guard) -> None:
        self._inner = inner
        self._guard = guard

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        to = self._guard.pick(host, [str(each[4][0]) for each in found])
        return self._inner.connect_tcp(to, port, timeout, local_address, socket_options)

    def connect_unix_socket(self, *_: object, **__: object) -> httpcore.NetworkStream:
        raise Forbidden("no sockets of this machine")


class _AsyncConnecting(httpcore.AsyncNetworkBackend):
    def __init__(self, inner: httpcore.AsyncNetworkBackend, guard: Guard) -> None:
        self._inner = inner
        self._guard = guard

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        to = self._guard.pick(host, [str(each[4][0]) for each in found])
        return await self._inner.connect_tcp(to, port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        raise Forbidden("no sockets of this machine")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class OutsideTransport(httpx.HTTPTransport):
    """For an httpx.Client that asks the public internet only."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(verify=certificates(trust_env=False), trust_env=False)
        # httpx hands no backend on; the certificate is still checked against the name.
        pool: Any = self._pool
        pool._network_backend = _Connecting(pool._network_backend, guard)


class AsyncOutsideTransport(httpx.AsyncHTTPTransport):
    """For an httpx.AsyncClient that asks the public internet only."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(verify=certificates(trust_env=False), trust_env=False)
        pool: Any = self._pool
        pool._network_backend = _AsyncConnecting(pool._network_backend, guard)


def forbidden(error: httpx.HTTPError) -> str:
    """What was forbidden when that is why a request failed; "" otherwise."""
    cause = error.__cause__
    return str(cause) if isinstance(cause, Forbidden) else ""
