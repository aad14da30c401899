"""The end of a script that serves a center to a browser test."""

from __future__ import annotations

from typing import NoReturn

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

STAFF = "staff".ljust(32, "0")
"""The key of a session in which a writer is signed in, where a center has one."""


def serve() -> NoReturn:
    """Answer on a free port of this machine, print it, and go on until killed."""
    from haedap.wsgi import application

    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(application)
    print(server.server_port, flush=True)
    server.serve_forever()
    raise AssertionError("a server that nobody stops ended")
