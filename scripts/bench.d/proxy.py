"""Requests and bulk through sandbox-proxy, beside the same without it, in one network namespace: HTTPS over a connection that is kept alive.

Client and server are Python's own, so that what the proxy adds is seen beside what a real request takes; the proxy alone is measured by requests of a
few bytes in plain TCP, which nobody has to reach.
"""

import argparse
import ctypes
import fcntl
import http.client
import http.server
import json
import os
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(PROJECT / "Tests/Integration"))
from stage import required  # noqa: E402

REQUEST_REACH, BULK_REACH = 1.3, 0.8
NAME, ADDRESS, NAMESERVER = "api.test", "203.0.113.10", "203.0.113.53"
DOOR = ("127.0.0.1", 3128)
BULK = 256 << 20


def enter_network():
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in (ADDRESS, NAMESERVER):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)


def certify(directory: Path) -> tuple[Path, Path]:
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout", key,
                    "-out", certificate, "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"], check=True, capture_output=True)
    return key, certificate


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self):
        size = int(self.path[1:])
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        block = memoryview(bytes(1 << 20))
        while size > 0:
            size -= self.wfile.write(block[: min(size, len(block))])

    def log_message(self, *_):
        pass


def web(key: Path, certificate: Path) -> http.server.ThreadingHTTPServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer((ADDRESS, 443), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


def nameserver() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind((NAMESERVER, 53))
    return listener


# Each in a process of its own, on a socket that is there before: the client's interpreter is not to wait for a server's.


def echo(listener: socket.socket):
    while True:
        peer, _ = listener.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def answer(peer=peer):
            while given := peer.recv(1 << 16):
                peer.sendall(given)
        threading.Thread(target=answer, daemon=True).start()


def name(listener: socket.socket):
    """Knows one address."""
    while True:
        question, peer = listener.recvfrom(512)
        end = question.index(0, 12) + 5
        known = question[end - 3] == 1
        record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + socket.inet_aton(ADDRESS) if known else b""
        listener.sendto(question[:2] + struct.pack(">HHHHH", 0x8180, 1, int(known), 0, 0) + question[12:end] + record, peer)


def child(*run) -> int:
    number = os.fork()
    if number == 0:
        try:
            run[0](*run[1:])
        finally:
            os._exit(1)
    return number


def sealed(content: bytes) -> int:
    memory = os.memfd_create("start", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(memory, content)
    fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)
    return memory


def start_proxy(program: Path, directory: Path) -> tuple[int, list]:
    """As sandboxd starts it; what must stay open is returned, too."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    start = {"version": 1, "names": [f"{NAME}:443", f"plain:{NAME}:7"], "reached": [], "nameservers": [NAMESERVER], "durable": False}
    door = socket.create_server(DOOR, backlog=128)
    door.setblocking(False)
    spool = os.open(directory / "spool", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    finish, hold = os.pipe()

    def execute():
        given = [theirs.fileno(), spool, 2, sealed(json.dumps(start).encode()), door.fileno(), finish]
        for place, kept in enumerate([fcntl.fcntl(descriptor, fcntl.F_DUPFD, 64) for descriptor in given]):
            os.dup2(kept, place)
        os.close(hold)
        os.execv(program, ["sandbox-proxy"])
    proxy = child(execute)
    said = ours.recv(4096)
    if said != b'{"proxy":"ready"}':
        raise RuntimeError(f"sandbox-proxy says {said!r}")
    return proxy, [ours, hold]


def connection(trusted: ssl.SSLContext, through: bool) -> http.client.HTTPSConnection:
    if through:
        made = http.client.HTTPSConnection(*DOOR, context=trusted)
        made.set_tunnel(NAME, 443)
    else:
        made = http.client.HTTPSConnection(NAME, 443, context=trusted)
        made._create_connection = lambda address, *rest: socket.create_connection((ADDRESS, 443), *rest)
    made.connect()
    made.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def took(act) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def get(over: http.client.HTTPSConnection, size: int):
    over.request("GET", f"/{size}")
    answer = over.getresponse()
    left, room = size, bytearray(1 << 20)
    while left > 0:
        left -= answer.readinto(memoryview(room)[: min(left, len(room))])


def raw(through: bool) -> socket.socket:
    made = socket.create_connection(DOOR if through else (ADDRESS, 7))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if through:
        made.sendall(f"CONNECT {NAME}:7 HTTP/1.1\r\n\r\n".encode())
        while not made.recv(4096).endswith(b"\r\n\r\n"):
            pass
    return made


def bounce(over: socket.socket):
    over.sendall(b"x" * 64)
    over.recv(4096)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--calls", type=int, default=1_000)
    arguments.add_argument("--json", type=Path)
    options = arguments.parse_args()
    program = required("SANDBOXD_BIN") / "sandbox-proxy"
    enter_network()
    with tempfile.TemporaryDirectory() as directory:
        key, certificate = certify(Path(directory))
        server = web(key, certificate)
        children = [child(server.serve_forever), child(echo, socket.create_server((ADDRESS, 7))), child(name, nameserver())]
        try:
            proxy, kept = start_proxy(program, Path(directory))
            children.append(proxy)
            found = measure(ssl.create_default_context(cafile=certificate), options)
        finally:
            for number in children:
                os.kill(number, 9)
                os.waitpid(number, 0)
    if options.json:
        options.json.write_text(json.dumps(found))
    worse = found["request"] > 2 * REQUEST_REACH or found["bulk"] < BULK_REACH / 2
    sys.exit(1 if worse else 0)


def measure(trusted: ssl.SSLContext, options) -> dict:
    """Pairs, one after the other; ratios of a pair are what counts."""
    direct, through = (connection(trusted, kind) for kind in (False, True))
    plain, carried = raw(False), raw(True)
    for over in (direct, through):
        get(over, 1 << 20)
    requests, bounces, bulks = [], [], []
    for _ in range(options.rounds):
        each = [statistics.median(took(lambda: get(over, 200)) for _ in range(options.calls)) for over in (direct, through)]
        requests.append(each)
        bounces.append([statistics.median(took(lambda: bounce(over)) for _ in range(options.calls)) for over in (plain, carried)])
        bulks.append([took(lambda: get(over, BULK)) for over in (direct, through)])
    ratio = lambda pairs: statistics.median(carried / plain for plain, carried in pairs)  # noqa: E731
    median = lambda pairs, which: statistics.median(pair[which] for pair in pairs)  # noqa: E731
    found = {"request": ratio(requests), "bounce": ratio(bounces), "bulk": 1 / ratio(bulks)}
    print(f"kept-alive request  direct {1e6 * median(requests, 0):6.0f} µs  through {1e6 * median(requests, 1):6.0f} µs  {found['request']:.2f} × (to reach {REQUEST_REACH})")
    print(f"64 bytes, plain TCP direct {1e6 * median(bounces, 0):6.0f} µs  through {1e6 * median(bounces, 1):6.0f} µs  {found['bounce']:.2f} ×")
    print(f"bulk of {BULK >> 20} MiB     direct {BULK / median(bulks, 0) / 1e6:6.0f} MB/s through {BULK / median(bulks, 1) / 1e6:6.0f} MB/s {found['bulk']:.2f} × (to reach {BULK_REACH})")
    return found


if __name__ == "__main__":
    main()
