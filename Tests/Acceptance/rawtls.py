"""TLS by Python's ssl, between two buffers and with its secrets told, so that a test can send what no library would."""

import ssl
from pathlib import Path

from records import DATA, Seal12, Seal13, Suite, split

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Workshop:
    """What one thread makes its connections with: a context for each version, the log of their keys, sessions to take up."""

    def __init__(self, folder: Path, name: str):
        self.log = folder / f"keys-{name}"
        self.sessions: dict[str, ssl.SSLSession] = {}
        self.contexts = {}
        for name, version in VERSIONS.items():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.minimum_version = context.maximum_version = version
            context.keylog_filename = str(self.log)
            context.set_alpn_protocols(["http/1.1"])
            self.contexts[name] = context


class Client:
    """A client's half of TLS between two buffers, and its secrets."""

    def __init__(self, workshop: Workshop, version: str, resumes: bool):
        self.workshop, self.version = workshop, version
        open(workshop.log, "w").close()
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = workshop.contexts[version].wrap_bio(
            self.incoming, self.outgoing, server_hostname="localhost",
            session=workshop.sessions.get(version) if resumes else None)
        self.heard = b""
        self.plain = b""
        self.is_open = False
        self.is_broken = False
        #: Data came that we could not read any more.
        self.is_blind = False

    def advance(self) -> bytes:
        """The next flight."""
        try:
            self.tls.do_handshake()
            self.is_open = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self.is_broken = True
        return self.outgoing.read()

    def take(self, part: bytes) -> None:
        self.heard = (self.heard + part)[:200]
        self.incoming.write(part)
        while self.is_open and not self.is_broken:
            try:
                got = self.tls.read(65_536)
                self.plain = (self.plain + got)[:64]
                if not got:
                    self.is_broken = True
            except ssl.SSLWantReadError:
                break
            except ssl.SSLError:
                self.is_broken = True
        if self.is_broken and any(one[0] == DATA for one in split(part)):
            self.is_blind = True

    def written(self, plain: bytes) -> bytes:
        self.tls.write(plain)
        return self.outgoing.read()

    def seal(self, label: str = "CLIENT_TRAFFIC_SECRET_0") -> Seal12 | Seal13 | None:
        suite = Suite(self.tls.cipher()[0]) if self.tls.cipher() else None
        for line in self.workshop.log.read_text().splitlines():
            name, _, rest = line.partition(" ")
            if suite and name == (label if self.version == "1.3" else "CLIENT_RANDOM"):
                nonce, secret = map(bytes.fromhex, rest.split())
                # The server's random: behind the headers of record and message, and the version.
                return Seal13(suite, secret) if self.version == "1.3" else Seal12(suite, secret, nonce, self.heard[11:43])
        return None

    def keep_session(self) -> None:
        if self.is_open and self.tls.session and self.tls.session.has_ticket:
            self.workshop.sessions[self.version] = self.tls.session
