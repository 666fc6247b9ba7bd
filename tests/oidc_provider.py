"""An OpenID Connect provider for tests: a small web server on loopback that plays its part strictly.

It publishes itself and its keys, checks client, redirect address, PKCE and that a code is used once, and signs with RS256.
Whom it vouches for is set by the test (`claims`); its page has a button, so that a browser can walk through it.

    with OidcProvider() as provider:
        provider.claims = {"sub": "1", "email": "sue@example.org", "email_verified": True}
        provider.entry("school")  # for OIDC_PROVIDERS; provider.settings("school") for settings.SIGN_IN_PROVIDERS
"""

import base64
import hashlib
import json
import secrets
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from district_plan.env_providers import Provider

CLIENT, SECRET = "plan", "a secret / with @ signs"


class OidcProvider:
    """The provider. `spoil` changes what it says, to see that it is not believed."""

    def __init__(self):
        self.keys = {"one": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        self.signs_with = "one"
        self.claims: dict = {}
        self.spoil: dict = {}  # claims that overwrite what is right
        self.userinfo: dict | None = None
        self.algorithm = "RS256"
        self.asked: list[str] = []  # every address that was asked for
        self._codes: dict[str, dict] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                provider._get(self)

            def do_POST(self) -> None:
                provider.asked.append(self.path)
                length = int(self.headers.get("Content-Length", 0))
                provider._token(self, parse_qs(self.rfile.read(length).decode()))

            def log_message(self, *arguments) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://localhost:{self.server.server_port}"

    def __enter__(self) -> "OidcProvider":
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def entry(self, name: str, more: str = "") -> str:
        """Return what names this provider in OIDC_PROVIDERS."""
        secret = urlencode({"": SECRET})[1:].replace("+", "%20")
        host = self.url.removeprefix("http://")
        return f"{name}=http://{CLIENT}:{secret}@{host}{'?' + more if more else ''}"

    def settings(self, name: str = "school", kind: str = "oidc", **more) -> Provider:
        """Return this provider as settings.SIGN_IN_PROVIDERS has it."""
        return Provider(
            id=name,
            name=name.title(),
            kind=kind,
            issuer=self.url,
            client_id=CLIENT,
            secret=SECRET,
            **more,
        )

    def published(self) -> dict:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "response_types_supported": ["code"],
        }

    def jwks(self) -> dict:
        keys = []
        for name, key in self.keys.items():
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
            keys.append({**public, "kid": name, "use": "sig", "alg": "RS256"})
        return {"keys": keys}

    def approve(self, authorize_url: str) -> str:
        """Play the visitor who agrees: return the address to which the provider sends them back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(authorize_url).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert set(asked["scope"].split()) == {"openid", "profile", "email"}
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["nonce"]) >= 32
        assert len(asked["state"]) >= 16
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    # what it answers

    def _get(self, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path).path
        if path == "/.well-known/openid-configuration":
            return self._json(handler, self.published())
        if path == "/keys":
            return self._json(handler, self.jwks())
        if path == "/userinfo":
            return self._json(handler, self.userinfo or self.claims)
        if path == "/authorize":
            goal = escape(self.approve(f"{self.url}{handler.path}"))
            page = f"<!doctype html><html lang=en><title>Provider</title><h1>Provider</h1><a href='{goal}'>I agree</a>"
            return self._answer(handler, 200, "text/html", page.encode())
        return self._answer(handler, 404, "text/plain", b"nothing here")

    def _token(self, handler: BaseHTTPRequestHandler, form: dict) -> None:
        form = {name: values[0] for name, values in form.items()}
        asked = self._codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        good = (
            asked
            and form.get("grant_type") == "authorization_code"
            and (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
            and form.get("redirect_uri") == asked["redirect_uri"]
            and challenge == asked["code_challenge"]
        )
        if not good:
            return self._json(handler, {"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= self.claims | self.spoil
        claims = {name: value for name, value in claims.items() if value is not None}
        return self._json(
            handler, {"access_token": "open", "token_type": "Bearer", "id_token": self._sign(claims)}
        )

    def _sign(self, claims: dict) -> str:
        if self.algorithm == "none":
            return jwt.encode(claims, key=None, algorithm="none", headers={"kid": "one"})
        if self.algorithm == "HS256":
            return jwt.encode(claims, "x" * 40, algorithm="HS256", headers={"kid": "one"})
        key = self.keys.get(self.signs_with) or rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": self.signs_with})

    def _json(self, handler: BaseHTTPRequestHandler, found: dict, *, status: int = 200) -> None:
        self._answer(handler, status, "application/json", json.dumps(found).encode())

    @staticmethod
    def _answer(handler: BaseHTTPRequestHandler, status: int, kind: str, body: bytes) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
