"""TLS records as bytes: cut apart, put together, and encrypted with the keys of a connection that Python's ssl has opened."""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

CHANGE, ALERT, HANDSHAKE, DATA, HEARTBEAT = 20, 21, 22, 23, 24
PLAIN_MAX = 1 << 14
CLOSE_NOTIFY = b"\x01\x00"


def record(kind: int, payload: bytes, version: int = 0x0303, length: int | None = None) -> bytes:
    """`length`: what the header says, else the payload's own."""
    return struct.pack(">BHH", kind, version, len(payload) if length is None else length) + payload


def split(stream: bytes) -> list[bytes]:
    """Whole records; what is left over is one more."""
    records, at = [], 0
    while at < len(stream):
        length = int.from_bytes(stream[at + 3:at + 5]) + 5 if at + 5 <= len(stream) else len(stream) - at
        records.append(stream[at:at + length])
        at += length
    return records


def message(kind: int, body: bytes, length: int | None = None) -> bytes:
    """A handshake message. `length`: what its header says."""
    return bytes([kind]) + (len(body) if length is None else length).to_bytes(3) + body


class Suite:
    """What a cipher suite encrypts and hashes with, by OpenSSL's name."""

    def __init__(self, name: str):
        self.hash = hashlib.sha384 if "SHA384" in name else hashlib.sha256
        self.key_bytes = 16 if "AES128" in name or "AES_128" in name else 32
        self.is_chacha = "CHACHA20" in name
        self.cipher = ChaCha20Poly1305 if self.is_chacha else AESGCM

    def expanded(self, secret: bytes, label: bytes, length: int) -> bytes:
        """RFC 8446, 7.1: HKDF-Expand-Label with no context; one block is enough."""
        label = b"tls13 " + label
        text = struct.pack(">HB", length, len(label)) + label + b"\x00"
        return hmac.digest(secret, text + b"\x01", self.hash)[:length]

    def stretched(self, secret: bytes, seed: bytes, length: int) -> bytes:
        """RFC 5246, 5: the P_hash of TLS 1.2."""
        out, chain = b"", seed
        while len(out) < length:
            chain = hmac.digest(secret, chain, self.hash)
            out += hmac.digest(secret, chain + seed, self.hash)
        return out[:length]


class Seal13:
    """The client's side of a TLS 1.3 connection from one of its secrets on."""

    def __init__(self, suite: Suite, secret: bytes):
        self.suite = suite
        self.renew(secret)

    def renew(self, secret: bytes | None = None) -> None:
        """The next keys, as after a KeyUpdate."""
        suite = self.suite
        self.secret = secret or suite.expanded(self.secret, b"traffic upd", suite.hash().digest_size)
        self.cipher = suite.cipher(suite.expanded(self.secret, b"key", suite.key_bytes))
        self.iv = suite.expanded(self.secret, b"iv", 12)
        self.sequence = 0

    def record(self, kind: int, payload: bytes, padding: int = 0) -> bytes:
        """`kind` 0 with padding: a record that has no type at all."""
        inner = payload + (bytes([kind]) if kind else b"") + bytes(padding)
        nonce = (int.from_bytes(self.iv) ^ self.sequence).to_bytes(12)
        self.sequence += 1
        head = struct.pack(">BHH", DATA, 0x0303, len(inner) + 16)
        return head + self.cipher.encrypt(nonce, inner, head)


class Seal12:
    """The client's side of a TLS 1.2 connection after its Finished."""

    def __init__(self, suite: Suite, secret: bytes, client_random: bytes, server_random: bytes):
        self.suite = suite
        iv_bytes = 12 if suite.is_chacha else 4
        block = suite.stretched(secret, b"key expansion" + server_random + client_random, 2 * (suite.key_bytes + iv_bytes))
        self.cipher = suite.cipher(block[:suite.key_bytes])
        self.iv = block[2 * suite.key_bytes:][:iv_bytes]
        self.sequence = 1

    def record(self, kind: int, payload: bytes, padding: int = 0) -> bytes:
        """TLS 1.2 has no padding here; it is left out."""
        number = self.sequence.to_bytes(8)
        self.sequence += 1
        signed = number + struct.pack(">BHH", kind, 0x0303, len(payload))
        if self.suite.is_chacha:
            nonce, shown = (int.from_bytes(self.iv) ^ int.from_bytes(number)).to_bytes(12), b""
        else:
            nonce, shown = self.iv + number, number
        return record(kind, shown + self.cipher.encrypt(nonce, payload, signed))
