"""An archive of Debian's kind on loopback, with one kernel that is none, for tests of what fetches kernels."""

import email.utils
import gzip
import hashlib
import subprocess
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

RELEASE = "6.1.0-99-cloud-amd64"
PACKAGE = f"linux-image-{RELEASE}"


class Key:
    """A key of this test's own, that signs what the archive has."""

    def __init__(self, home: Path):
        home.mkdir(mode=0o700)
        self.home, self.public = home, home / "public.gpg"
        self.gpg("--passphrase", "", "--quick-gen-key", home.name, "ed25519", "sign", "1d")
        self.public.write_bytes(self.gpg("--export"))

    def gpg(self, *arguments, input: bytes = b"") -> bytes:
        return subprocess.run(["gpg", "--homedir", self.home, "--batch", "--quiet", *arguments], input=input, check=True, stdout=subprocess.PIPE,
                              timeout=60).stdout

    def sign(self, text: str) -> bytes:
        return self.gpg("--clearsign", input=text.encode())

    def forget(self):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], timeout=60)


class Archive:
    """`manner` is how it answers: whole, gone, cut or altered packages, or all of it signed by a stranger."""

    def __init__(self, directory: Path):
        self.keys = {name: Key(directory / name) for name in ("own", "strange")}
        self.package = self.make_package(directory / "package")
        index = self.index()
        self.files = {f"pool/{PACKAGE}.deb": self.package, "dists/bookworm/main/binary-amd64/Packages": index,
                      "dists/bookworm/main/binary-amd64/Packages.gz": gzip.compress(index, mtime=0)}
        self.signed = {name: key.sign(self.release()) for name, key in self.keys.items()}
        self.manner, self.asked = "whole", []
        archive = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                archive.answer(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/debian"

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        for key in self.keys.values():
            key.forget()

    # What it has

    @staticmethod
    def make_package(tree: Path) -> bytes:
        for name, text in {f"boot/vmlinuz-{RELEASE}": "no kernel" * 20_000, f"lib/modules/{RELEASE}/modules.order": "",
                           f"lib/modules/{RELEASE}/modules.builtin": "",
                           "DEBIAN/control": f"Package: {PACKAGE}\nVersion: 1\nArchitecture: amd64\nMaintainer: nobody\nDescription: none\n"}.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text)
        subprocess.run(["dpkg-deb", "--build", "-Znone", tree, tree.with_suffix(".deb")], check=True, stdout=subprocess.DEVNULL)
        return tree.with_suffix(".deb").read_bytes()

    def index(self) -> bytes:
        return (f"Package: {PACKAGE}\nVersion: 1\nArchitecture: amd64\nMaintainer: nobody\nDescription: none\nFilename: pool/{PACKAGE}.deb\n"
                f"Size: {len(self.package)}\nSHA256: {hashlib.sha256(self.package).hexdigest()}\n\n").encode()

    def release(self) -> str:
        lines = [f" {hashlib.sha256(data).hexdigest()} {len(data)} {name.removeprefix('dists/bookworm/')}"
                 for name, data in self.files.items() if name.startswith("dists/")]
        return "\n".join(["Origin: Debian", "Label: Debian", "Suite: oldstable", "Codename: bookworm", f"Date: {email.utils.formatdate(usegmt=True)}",
                          "Architectures: amd64", "Components: main", "SHA256:", *lines, ""])

    # How it answers

    def answer(self, request: BaseHTTPRequestHandler):
        name = request.path.removeprefix("/debian/").replace("%2b", "+")
        self.asked.append(name)
        data = self.signed["strange" if self.manner == "strange" else "own"] if name == "dists/bookworm/InRelease" else self.files.get(name)
        if data is None or self.manner == "gone":
            request.send_error(404)
            return
        request.send_response(200)
        request.send_header("Content-Length", str(len(data)))
        request.send_header("Connection", "close")
        request.end_headers()
        with suppress(ConnectionError):
            request.wfile.write(self.as_sent(data) if name.endswith(".deb") else data)
        request.close_connection = True

    def as_sent(self, data: bytes) -> bytes:
        half = len(data) // 2
        return {"cut": data[:half], "altered": data[:half] + bytes([data[half] ^ 1]) + data[half + 1:]}.get(self.manner, data)
