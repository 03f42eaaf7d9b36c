"""Small registries of a test's own, on loopback: an index of wheels as PyPI serves it (PEP 503), and packuments and tarballs as npm's does.

What they serve can be changed between two requests; what was asked for is kept."""

import base64
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def wheel(name: str, version: str, files: dict[str, str], scripts: dict[str, str] | None = None, requires=()) -> tuple[str, bytes]:
    """A wheel's file name and content; `scripts` are entry points of the console. File names are taken as they are."""
    plain = name.replace("-", "_")
    info = f"{plain}-{version}.dist-info"
    parts = dict(files)
    parts[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(f"Requires-Dist: {other}\n" for other in requires)
    parts[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    parts[f"{info}/entry_points.txt"] = "[console_scripts]\n" + "".join(f"{key} = {value}\n" for key, value in (scripts or {}).items())
    lines = []
    for path, text in parts.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(text.encode())}\n")
    parts[f"{info}/RECORD"] = "".join(lines) + f"{info}/RECORD,,\n"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, text in parts.items():
            archive.writestr(path, text)
    return f"{plain}-{version}-py3-none-any.whl", content.getvalue()


def source(name: str, version: str, acts: str, built: tuple[str, bytes]) -> tuple[str, bytes]:
    """A source distribution that runs `acts` when it is built, and then is this wheel."""
    backend = (f"{acts}\nimport base64, os\ndef build_wheel(directory, *_):\n    with open(os.path.join(directory, {built[0]!r}), 'wb') as file:\n"
               f"        file.write(base64.b64decode({base64.b64encode(built[1])!r}))\n    return {built[0]!r}\n")
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        add(archive, f"{name}-{version}/pyproject.toml", b'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n')
        add(archive, f"{name}-{version}/backend.py", backend.encode())
        add(archive, f"{name}-{version}/PKG-INFO", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode())
    return f"{name}-{version}.tar.gz", content.getvalue()


def package(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    """A tarball as npm publishes it. File names are taken as they are."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path, data in files.items():
            add(archive, path, data)
        for path, target in (links or {}).items():
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return content.getvalue()


def add(archive: tarfile.TarFile, path: str, data: bytes):
    entry = tarfile.TarInfo(path)
    entry.size, entry.mode = len(data), 0o755
    archive.addfile(entry, io.BytesIO(data))


class Registry:
    """Serves `pages` by path; a value may be called, then it is asked each time."""

    def __init__(self):
        self.pages: dict[str, object] = {}
        self.asked: list[str] = []
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.split("?")[0].replace("%2f", "/").replace("%2F", "/")
                registry.asked.append(path)
                found = registry.pages.get(path)
                content = found() if callable(found) else found
                self.send_response(404 if content is None else 200)
                kind = "text/html" if path.startswith("/simple/") else "application/json" if content and content[:1] == b"{" else "application/octet-stream"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def offer(self, name: str, *files: tuple[str, bytes]):
        """Files of a Python package, with their hashes."""
        lines = []
        for file, content in files:
            self.pages[f"/files/{file}"] = content
            lines.append(f'<a href="/files/{file}#sha256={hashlib.sha256(content).hexdigest()}">{file}</a>\n')
        self.pages[f"/simple/{name}/"] = ("<!DOCTYPE html><html><body>" + "".join(lines) + "</body></html>").encode()

    def publish(self, name: str, version: str, tarball: bytes, integrity: str | None = None, **manifest):
        """A version of an npm package, the latest."""
        file = f"/{name}/-/{name.split('/')[-1]}-{version}.tgz"
        self.pages[file] = tarball
        integrity = integrity or "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
        version_ = {"name": name, "version": version, **manifest, "dist": {"tarball": self.url + file, "integrity": integrity}}
        known = json.loads(self.pages.get(f"/{name}", b'{"versions": {}}'))
        known |= {"name": name, "dist-tags": {"latest": version}, "versions": known["versions"] | {version: version_}}
        self.pages[f"/{name}"] = json.dumps(known).encode()
