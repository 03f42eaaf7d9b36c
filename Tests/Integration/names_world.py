"""An Internet of a test's own, in the network namespace that the caller is in: addresses that look public, nameserver, and servers with
certificates of an authority that is made for the run."""

import datetime
import http.server
import ipaddress
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from receivers import mounted_over

NAMESERVER = "203.0.113.53"


class Authority:
    """A certificate authority, and one certificate of it for many names."""

    def __init__(self, directory: Path, names: list[str]):
        self.root, self.certificate, self.key = (directory / name for name in ("root.pem", "certificate.pem", "key.pem"))
        own, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority of the tests")])
        root = (self.begin(issuer, issuer, own.public_key())
                .add_extension(x509.BasicConstraints(True, None), True)
                .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False).sign(own, hashes.SHA256()))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = (self.begin(subject, issuer, theirs.public_key())
                       .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False)
                       .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(own.public_key()), False).sign(own, hashes.SHA256()))
        pem = serialization.Encoding.PEM
        self.root.write_bytes(root.public_bytes(pem))
        self.certificate.write_bytes(certificate.public_bytes(pem))
        self.key.write_bytes(theirs.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

    @staticmethod
    def begin(subject, issuer, key) -> x509.CertificateBuilder:
        now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
                .serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day))

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


class Nameserver(threading.Thread):
    """Answers A and AAAA from a table that a test may change; nothing else."""

    def __init__(self, table: dict):
        super().__init__(daemon=True)
        self.table, self.asked = table, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((NAMESERVER, 53))
        self.start()

    def run(self):
        while True:
            try:
                question, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            if not question:
                return
            at, labels = 12, []
            while question[at]:
                labels.append(question[at + 1 : at + 1 + question[at]].decode())
                at += 1 + question[at]
            kind, name = struct.unpack(">H", question[at + 1 : at + 3])[0], ".".join(labels).lower()
            self.asked.append(name)
            self.socket.sendto(self.answer(question[: at + 5], kind, self.table.get(name)), peer)

    @staticmethod
    def answer(question: bytes, kind: int, known) -> bytes:
        wanted = [ipaddress.ip_address(address) for address in known or [] if kind == (28 if ":" in address else 1)]
        records = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(one.packed)) + one.packed for one in wanted)
        flags = 0x8180 if known is not None else 0x8183
        return question[:2] + struct.pack(">HHHHH", flags, 1, len(wanted), 0, 0) + question[12:] + records

    def close(self):
        with suppress(OSError):  # it wakes who waits, and says that nobody is connected
            self.socket.shutdown(socket.SHUT_RDWR)
        self.join(10)
        self.socket.close()


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.headers.get("Host"), self.path))
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "https://evil.test/secret")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path.startswith("/files/"):
            super().do_GET()
        else:
            self.say(f"this is {self.headers.get('Host')}".encode())

    def do_POST(self):
        self.server.seen.append((self.headers.get("Host"), self.path))
        self.say(self.rfile.read(int(self.headers["Content-Length"])))

    def say(self, body: bytes):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class WebServer(http.server.ThreadingHTTPServer):
    """Notes what it is asked for. `files`: a directory that is shown below /files."""

    daemon_threads = True

    def __init__(self, address: str, port: int, context: ssl.SSLContext | None = None, files: Path = Path("/nonexistent")):
        self.seen: list = []
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), lambda *given: Handler(*given, directory=str(files)))
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # whoever did not come as far as a request

    def close(self):
        self.shutdown()
        self.server_close()


@contextmanager
def own_nameserver():
    """A mount namespace in which the host's nameserver is that of the tests."""
    with tempfile.NamedTemporaryFile("w", prefix="resolv.", dir="/var/lib") as file:
        file.write(f"nameserver {NAMESERVER}\n")
        file.flush()
        Path(file.name).chmod(0o644)
        with mounted_over("/etc/resolv.conf", file.name):
            yield


def entered(case, context):
    """For all tests of a class."""
    context.__enter__()
    case.addClassCleanup(context.__exit__, None, None, None)


def add_addresses(*addresses: str):
    for address in addresses:
        subprocess.run(["ip", "address", "add", f"{address}/{128 if ':' in address else 32}", "dev", "lo", *(["nodad"] if ":" in address else [])], check=True)
