"""A small OpenID provider on this machine: discovery, keys, code flow that insists on PKCE."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "lapor", "rahasia-klien"


class Provider:
    """`claims` are what the ID token adds or replaces; `spoil` names what it does wrong."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "satu"})
        self.claims: dict = {}
        self.spoil = ""
        self.codes: dict[str, dict] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args):
                pass

            def do_GET(self):
                path = urlsplit(self.path).path
                self._answer(provider.discovery() if "openid-configuration" in path else provider.keys())

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._answer(provider.token({k: v[0] for k, v in parse_qs(body).items()}))

            def _answer(self, data):
                body = json.dumps(data).encode()
                self.send_response(400 if "error" in data else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def discovery(self) -> dict:
        return {
            "issuer": "https://lain.example" if self.spoil == "discovery" else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def keys(self) -> dict:
        return {"keys": [self.key.as_dict(private=False)]}

    def consent(self, address: str) -> str:
        """What the provider does with the browser: the person agrees; returns the query of the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"?code={code}&state={asked['state']}"

    def token(self, sent: dict) -> dict:
        asked = self.codes.pop(sent.get("code", ""), None)
        if asked is None:
            return {"error": "invalid_grant"}
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return {"error": "invalid_grant"}
        if sent["redirect_uri"] != asked["redirect_uri"]:
            return {"error": "invalid_grant"}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked)}

    def _id_token(self, asked: dict) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "orang-1",
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        if self.spoil == "none":
            parts = [{"alg": "none"}, claims]
            encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts]
            return ".".join([*encoded, ""])
        key = RSAKey.generate_key(2048, {"kid": "satu"}) if self.spoil == "signature" else self.key
        return jwt.encode({"alg": "RS256", "kid": "satu"}, claims, key)
