"""A server that speaks TLS, with a certificate of its own."""

import datetime
import ipaddress
import os
import ssl
import subprocess
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from server import Server


def make_pair(folder, name: str = "localhost"):
    """A certificate for this machine that is its own root, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=2)).add_extension(names, False)
        .add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256()))
    for path, text in (
        (folder / "cert.pem", certificate.public_bytes(serialization.Encoding.PEM)),
        (folder / "key.pem", key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())),
    ):
        (folder / "next").write_bytes(text)
        os.replace(folder / "next", path)
    return folder / "cert.pem", folder / "key.pem"


class SecureServer(Server):
    certificate = None

    @property
    def http(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def get(self, path: str, timeout: float = 10):
        ran = subprocess.run(
            ["curl", "-s", "--cacert", self.certificate, "--max-time", str(timeout), "-w", "\n%{http_code}", self.http + path],
            capture_output=True, text=True)
        if ran.returncode:
            raise OSError(f"curl: {ran.returncode}")
        text, _, status = ran.stdout.rpartition("\n")
        return type("Answer", (), {"status": int(status), "text": text})

    def room(self, room: str, recipe: str | None = None) -> str:
        return super().room(room, recipe).replace("ws://", "wss://")

    @property
    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)

    def speak(self, *arguments: str, say: str = "", wait: float = 0) -> str:
        """What openssl s_client says."""
        process = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-CAfile", self.certificate, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if say:
            time.sleep(wait)
            process.stdin.write(say)
            process.stdin.flush()
            time.sleep(wait)
        return process.communicate(timeout=15)[0]
