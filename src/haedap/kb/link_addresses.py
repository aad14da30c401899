"""Whether addresses of other sites answer. Only hosts of the public internet are asked, and only when told to.

A name is looked up once and that very address is connected to, so that no name can lead into the own network.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import string
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urljoin, urlsplit

MOST = 200
"""Addresses that one check asks at most."""
AT_ONCE = 8
TIMEOUT = 5.0
DEADLINE = 60.0
"""Seconds after which no further address is asked."""
_HOPS = 4
_MOVED = (301, 302, 303, 307, 308)
_TRY_GET = (400, 403, 404, 405, 406, 501, 503)
"""Answers to HEAD of servers that do not know it, or do not like it."""
_AGENT = "Mozilla/5.0 (compatible; Haedap link check)"

Outcome = Literal["ok", "error", "unreachable", "refused", "skipped"]
Guard = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of an address: ``status`` is that of the last answer, where there was one.

    ``refused``: it is not asked (no http or https, or within the own network); ``skipped``: there was no time left.
    """

    address: str
    outcome: Outcome
    status: int | None = None


def is_public_host(ip: str) -> bool:
    """True for an address of the public internet."""
    address = ipaddress.ip_address(ip)
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_global and not address.is_multicast


def check_addresses(addresses: Iterable[str], *, allowed: Guard = is_public_host) -> list[Checked]:
    """Ask each address once, the first :data:`MOST` of them, eight at a time. ``allowed`` takes an IP address."""
    asked = list(dict.fromkeys(addresses))[:MOST]
    until = time.monotonic() + DEADLINE
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="links") as pool:
        return list(pool.map(lambda address: _check(address, allowed, until), asked))


class _RefusedError(Exception):
    """An address that is not asked."""


def _check(address: str, allowed: Guard, until: float) -> Checked:
    if time.monotonic() > until:
        return Checked(address, "skipped")
    try:
        status = _status(address, "HEAD", allowed)
        if status in _TRY_GET:
            status = _status(address, "GET", allowed)
    except _RefusedError:
        return Checked(address, "refused")
    except (OSError, http.client.HTTPException, ValueError):
        return Checked(address, "unreachable")
    return Checked(address, "ok" if status < 400 else "error", status)


def _status(address: str, method: str, allowed: Guard) -> int:
    """The status of the page an address leads to in the end; redirects are followed, each with the same checks."""
    for _hop in range(_HOPS):
        status, moved = _ask(address, method, allowed)
        if status not in _MOVED or not moved:
            return status
        address = urljoin(address, moved)
    return status


def _ask(address: str, method: str, allowed: Guard) -> tuple[int, str]:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise _RefusedError(address)
    host = parts.hostname.encode("idna").decode()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    ip = _looked_up(host, port, allowed)
    connection = _Connection(host, port, ip, secure=parts.scheme == "https")
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        # What a writer typed in Hangul is quoted; what is quoted already stays.
        target = quote(target, safe=string.punctuation)
        connection.request(method, target, headers={"User-Agent": _AGENT, "Accept": "*/*"})
        response = connection.getresponse()
        return response.status, response.getheader("Location") or ""
    finally:
        connection.close()


def _looked_up(host: str, port: int, allowed: Guard) -> str:
    """The IP address to connect to. Raises unless all that the name stands for are allowed."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not all(allowed(ip.partition("%")[0]) for ip in found):
        raise _RefusedError(host)
    return found[0]


class _Connection(http.client.HTTPConnection):
    """Connects to the IP address that was checked, and speaks to the host."""

    def __init__(self, host: str, port: int, ip: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self._ip = ip
        self._secure = secure
        self.default_port = 443 if secure else 80

    def connect(self) -> None:
        self.sock = socket.create_connection((self._ip, self.port), self.timeout)
        if self._secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
