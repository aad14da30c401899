"""A small OpenID Connect provider on 127.0.0.1: the code flow with PKCE, signed tokens, and faults on request."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "haedap", "a-secret-of-the-test"


@dataclass
class Provider:
    """What it says of whoever signs in, and how it misbehaves: ``claims`` and ``token`` replace what is right."""

    subject: str = "1001"
    claims: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    token_status: int = 200
    forged: bool = False
    stated_issuer: str = ""
    discoveries: int = 0
    issuer: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def __enter__(self) -> Provider:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, "")

            def do_POST(self) -> None:
                provider.answer(self, self.rfile.read(int(self.headers["Content-Length"])).decode())

            def log_message(self, *arguments: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, body: str) -> None:
        path, _mark, query = handler.path.partition("?")
        given = dict(urllib.parse.parse_qsl(query or body))
        status, said, location = self._said(path, given, handler.headers.get("Authorization", ""))
        content = json.dumps(said).encode()
        handler.send_response(status)
        if location:
            handler.send_header("Location", location)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _said(self, path: str, given: dict[str, str], authorization: str) -> tuple[int, Any, str]:
        if path == "/.well-known/openid-configuration":
            self.discoveries += 1
            return 200, self._discovery(), ""
        if path == "/authorize":
            code = f"code-{len(self.codes)}"
            self.codes[code] = given
            back = {"code": code, "state": given["state"]}
            return 302, {}, f"{given['redirect_uri']}?{urllib.parse.urlencode(back)}"
        if path == "/token":
            return self._token(given)
        if path == "/userinfo" and authorization == "Bearer an-access-token":
            return 200, self._claims(), ""
        if path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, {"keys": [{**public, "kid": "k1", "alg": "RS256", "use": "sig"}]}, ""
        return 404, {"error": "not_found"}, ""

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.stated_issuer or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["HS256", "RS256"],
        }

    def _claims(self) -> dict[str, Any]:
        said = {"sub": self.subject, "email": "kim@example.com", "email_verified": True, "given_name": "민지"}
        return {**said, "family_name": "김", **self.claims}

    def _token(self, given: dict[str, str]) -> tuple[int, Any, str]:
        asked = self.codes.pop(given.get("code", ""), None)
        if self.token_status != 200 or asked is None:
            return (self.token_status if asked else 400), {"error": "invalid_grant"}, ""
        verifier = hashlib.sha256(given["code_verifier"].encode()).digest()
        proved = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() == asked["code_challenge"]
        who = (given["client_id"], given["client_secret"], given["redirect_uri"])
        if not proved or who != (CLIENT, SECRET, asked["redirect_uri"]) or asked["code_challenge_method"] != "S256":
            return 400, {"error": "invalid_grant"}, ""
        now = int(time.time())
        content = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "nonce": asked["nonce"], "iat": now, "exp": now + 300,
            **self.token,
        }  # fmt: skip
        key = rsa.generate_private_key(65537, 2048) if self.forged else self.key
        token = jwt.encode(
            {name: value for name, value in content.items() if value is not None}, key, "RS256", headers={"kid": "k1"}
        )
        return 200, {"access_token": "an-access-token", "token_type": "Bearer", "id_token": token}, ""
