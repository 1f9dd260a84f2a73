"""Keys and tokens of libraries that are not ours: PyJWT and jwcrypto."""

import json
import time
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwcrypto import jwk, jws

SECRET = b"a secret of well over sixty-four bytes, which is enough for each of the digests"
HMACS = ("HS256", "HS384", "HS512")
ALGORITHMS = (*HMACS, "RS256", "PS256", "ES256", "EdDSA")


class Keys:
    """One key for an algorithm, in files for the server and for `hearth token`."""

    def __init__(self, algorithm: str, folder: Path, name: str = "key"):
        self.algorithm = algorithm
        self.private_path = folder / f"{name}.pem"
        self.public_path = folder / f"{name}.pub"
        if algorithm in HMACS:
            self.private = self.public = SECRET
            self.private_path.write_bytes(SECRET + b"\n")
            self.serve = ("--auth-secret-file", str(self.private_path), "--auth-alg", algorithm)
            self.sign = ("--secret-file", str(self.private_path), "--alg", algorithm)
            self.jwk = jwk.JWK(kty="oct", k=jwt.utils.base64url_encode(SECRET).decode())
            return
        make = {
            "RS256": lambda: rsa.generate_private_key(65537, 2048), "PS256": lambda: rsa.generate_private_key(65537, 2048),
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()), "EdDSA": ed25519.Ed25519PrivateKey.generate,
        }
        self.private = make[algorithm]()
        self.public = self.private.public_key()
        pem = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.private_path.write_bytes(pem)
        self.public_pem = self.public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.public_path.write_bytes(self.public_pem)
        self.serve = ("--auth-key", str(self.public_path), "--auth-alg", algorithm)
        self.sign = ("--key", str(self.private_path), "--alg", algorithm)
        self.jwk = jwk.JWK.from_pem(pem)

    def token(self, sub="ann", rooms=("*",), ttl=600, head=None, **claims) -> str:
        """By PyJWT."""
        payload = {"sub": sub, "rooms": rooms, "exp": time.time() + ttl, **claims}
        return jwt.encode(
            {k: v for k, v in payload.items() if v is not None}, self.private, algorithm=self.algorithm, headers=head)

    def other_token(self, sub="ann") -> str:
        """By jwcrypto."""
        made = jws.JWS(json.dumps({"sub": sub, "rooms": ["*"], "exp": int(time.time()) + 600}))
        made.add_signature(self.jwk, None, json.dumps({"alg": self.algorithm}))
        return made.serialize(compact=True)

    def public_jwk(self, kid: str) -> dict:
        return {**json.loads(self.jwk.export() if self.algorithm in HMACS else self.jwk.export_public()), "kid": kid,
                "alg": self.algorithm}
