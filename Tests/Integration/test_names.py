"""Egress by name, with real clients, TLS servers and a nameserver of the test's own.  Truth is what the servers saw."""

import ast
import json
import shutil
import subprocess

from names_tests import EVIL, GOOD, INSIDE, NAMESERVER, PROXY, NamedTests
from stage import required


class NamesTests(NamedTests):
    # Clients

    def test_curl(self):
        wire = self.named("api.test:443", "*.cdn.test:443", "six.test:443")
        for name in ("api.test", "a.cdn.test", "six.test"):
            self.assertEqual(self.curl(wire, f"https://{name}/")["out"], f"this is {name}")
        self.assertEqual(self.curl(wire, "-x", PROXY.replace("http", "socks5h"), "https://api.test/")["out"], "this is api.test")
        denied = self.curl(wire, "https://evil.test/")
        self.assertIn("403", denied["error"])
        self.assertEqual(self.evil.seen, [])
        self.assertNotIn("evil.test", self.nameserver.asked)

    def test_httpx(self):
        wire = self.named("api.test:443")
        script = "import httpx, sys; print(httpx.get(sys.argv[1]).text)"
        self.assertEqual(self.run_in(wire, self.python, "-c", script, "https://api.test/")["out"].strip(), "this is api.test")
        denied = self.run_in(wire, self.python, "-c", script, "https://evil.test/")
        self.assertIn("ProxyError", denied["error"])
        self.assertEqual(self.evil.seen, [])

    def test_requests(self):
        wire = self.named("api.test:443", "plain:api.test:80")
        script = "import requests, sys; print(requests.get(sys.argv[1]).text)"
        for url in ("https://api.test/", "http://api.test/"):
            self.assertEqual(self.run_in(wire, self.python, "-c", script, url)["out"].strip(), "this is api.test")
        denied = self.run_in(wire, self.python, "-c", script, "https://evil.test/")
        self.assertIn("ProxyError", denied["error"])
        self.assertEqual(self.evil.seen, [])

    def test_git(self):
        wire = self.named("api.test:443")
        done = self.run_in(wire, "git", "clone", "https://api.test/files/notes.git", self.area / "notes")
        self.assertEqual(done["status"], 0, done)
        self.assertEqual((self.area / "notes/README").read_text(), "from the repository\n")
        shutil.rmtree(self.area / "notes")

    def test_node(self):
        """The one that Playwright brings along: it reads NODE_USE_ENV_PROXY, as all do from 24 on."""
        driver = next(required("SANDBOXD_SERVERS").glob("lib/python3*/site-packages/playwright/driver"))
        node = driver / "node"
        self.granted = [driver]
        wire = self.named("api.test:443")
        done = self.run_in(wire, node, "-e", "fetch('https://api.test/').then(r => r.text()).then(console.log)")
        self.assertEqual(done["out"].strip(), "this is api.test", done)
        denied = self.run_in(wire, node, "-e", "fetch('https://evil.test/').then(r => r.text()).then(console.log)")
        self.assertNotEqual(denied["status"], 0, denied)
        self.assertEqual(self.evil.seen, [])

    def test_plain_http_by_absolute_uri(self):
        wire = self.named("plain:api.test:80")
        self.assertEqual(self.curl(wire, "http://api.test/a?b=c")["out"], "this is api.test")
        self.assertEqual(self.curl(wire, "-d", "abc", "http://api.test/")["out"], "abc")
        self.assertEqual(self.plain.seen, [("api.test", "/a?b=c"), ("api.test", "/")])
        self.assertIn("not the name it is for", self.curl(wire, "-H", "Host: evil.test", "http://api.test/")["out"])
        self.assertIn("does not permit", self.curl(wire, "http://evil.test/")["out"])
        self.assertEqual(len(self.plain.seen), 2)

    # Ways around

    def test_the_other_server_is_there(self):
        """The positive control: whoever is not confined reaches what no session here may."""
        words = ["curl", "-sS", "-m", "10", "--resolve", f"evil.test:443:{EVIL}", "--resolve", f"inside.test:443:{INSIDE}"]
        for name in ("evil.test", "inside.test"):
            free = self.user.run([*words, f"https://{name}/"], environment=self.user.environment(**self.trusting()))
            self.assertEqual(free.stdout, f"this is {name}", free.stderr)
        self.assertEqual((len(self.evil.seen), len(self.inside[0].seen)), (1, 1))

    def test_no_way_around_by_what_is_sent(self):
        """Requests that two readers could read differently, and what is sent behind one that is permitted."""
        wire = self.named("api.test:443", "plain:api.test:80")
        script = r"""
import socket, ssl, sys
def said(*parts):
    with socket.create_connection(("127.0.0.1", 3128), 5) as s:
        got = b""
        try:
            for part in parts: s.sendall(part)
            while more := s.recv(4096): got += more
        except OSError: pass
        return got
def hello(name):
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    wrapped = ssl.create_default_context(); wrapped.check_hostname = False; wrapped.verify_mode = ssl.CERT_NONE
    try: wrapped.wrap_bio(there, back, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError: return back.read()
connect = b"CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n\r\n"
evil = b"GET http://evil.test/ HTTP/1.1\r\nHost: evil.test\r\n\r\n"
get = b"GET http://api.test/%s HTTP/1.1\r\nHost: api.test\r\n%s\r\n"
ways = {
    "pipelined": said(get % (b"first", b""), evil), "pipelined at once": said(get % (b"second", b"") + b"GET /evil HTTP/1.1\r\nHost: evil.test\r\n\r\n"),
    "a body": said(b"POST http://api.test/third HTTP/1.1\r\nHost: api.test\r\nContent-Length: 0\r\n\r\n" + evil),
    "two lengths": said(get % (b"no", b"Content-Length: 0\r\nContent-Length: 5\r\n") + b"hello"),
    "length and chunks": said(get % (b"no", b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") + b"0\r\n\r\n"),
    "two hosts": said(get % (b"no", b"Host: evil.test\r\n")), "another host": said(b"GET http://api.test/no HTTP/1.1\r\nHost: evil.test\r\n\r\n"),
    "user and host": said(b"GET http://api.test@evil.test/no HTTP/1.1\r\nHost: evil.test\r\n\r\n"),
    "own path": said(b"GET /no HTTP/1.1\r\nHost: api.test\r\n\r\n"),
    "connect twice": said(connect, b"CONNECT evil.test:443 HTTP/1.1\r\n\r\n"), "another name": said(connect, hello("evil.test")),
    "no name": said(connect, hello(None)), "no TLS": said(connect, b"GET /no HTTP/1.1\r\nHost: api.test\r\n\r\n"),
    "user and target": said(b"CONNECT api.test:443@evil.test:443 HTTP/1.1\r\n\r\n"), "two targets": said(b"CONNECT api.test:443 evil.test:443 HTTP/1.1\r\n\r\n"),
    "a null": said(b"CONNECT api.test\0.evil.test:443 HTTP/1.1\r\n\r\n"), "a line": said(b"CONNECT evil.test:443\nHost: api.test:443 HTTP/1.1\r\n\r\n"),
    "SOCKS, an address": said(b"\5\1\0", b"\5\1\0\1" + socket.inet_aton(sys.argv[1]) + b"\1\273"),
    "SOCKS, listen": said(b"\5\1\0", b"\5\2\0\3\10api.test\1\273"), "SOCKS, datagrams": said(b"\5\1\0", b"\5\3\0\3\10api.test\1\273"),
    "SOCKS 4": said(b"\4\1\1\273\0\0\0\1\0api.test\0"),
}
print({what: answer.count(b"HTTP/1.1 200") for what, answer in ways.items()})
"""
        done = self.run_in(wire, self.python, "-c", script, EVIL)
        self.assertEqual(done["status"], 0, done)
        answered = ast.literal_eval(done["out"])
        # Where CONNECT itself is answered, what follows is not.
        once = {"pipelined", "pipelined at once", "a body", "connect twice", "another name", "no name", "no TLS"}
        self.assertEqual({what for what, count in answered.items() if count == 1}, once, answered)
        self.assertEqual(max(answered.values()), 1, answered)
        self.assertEqual([path for _, path in self.plain.seen], ["/first", "/second", "/third"])
        self.assertEqual((self.evil.seen, self.good.seen), ([], []))

    def test_no_way_around_by_names(self):
        wire = self.named("api.test:443")
        self.assertEqual(self.curl(wire, "https://api.test/")["out"], "this is api.test")
        ways = {
            "a redirect": ["-L", "https://api.test/elsewhere"], "another SNI": ["--connect-to", "evil.test:443:api.test:443", "https://evil.test/"],
            "an address": [f"https://{EVIL}/", "-k"], "an IPv6 address": ["https://[2001:4860::10]/", "-k"],
            "an address as a number": ["-k", "--proxy-header", "X: y", "https://3405803787/"],
            "another port": ["https://api.test:444/"], "a dot at the end": ["https://api.test./"],
            "a long name": [f"https://{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 60}.test/"],
            "no TLS": ["-p", "http://api.test:443/"], "a subdomain": ["https://x.api.test/"],
        }
        self.good.seen.clear()
        for what, arguments in ways.items():
            with self.subTest(what):
                self.assertNotEqual(self.curl(wire, *arguments)["status"], 0)
        self.assertEqual((self.evil.seen, self.six.seen), ([], []))
        self.assertEqual({path for _, path in self.good.seen}, {"/elsewhere"})

    def test_no_way_inside_by_what_names_lead_to(self):
        names = ["inside", "loop", "mapped", "translated", "sixtofour", "metadata"]
        wire = self.named(*(f"{name}.test:443" for name in [*names, "mixed", "api"]))
        for name in names:
            with self.subTest(name):
                self.assertIn("403", self.curl(wire, "-k", f"https://{name}.test/")["error"])
        self.assertEqual(self.curl(wire, "https://mixed.test/")["out"], "this is mixed.test")
        self.assertEqual(self.curl(wire, "https://api.test/")["out"], "this is api.test")
        self.nameserver.table["api.test"] = ["127.0.0.1"]
        self.assertIn("403", self.curl(wire, "-k", "https://api.test/")["error"], "rebinding")
        self.assertEqual([server.seen for server in self.inside], [[], []])

    def test_no_way_past_the_proxy(self):
        wire = self.named("api.test:443")
        script = f"""
import errno, socket
for family, kind, to in ((socket.AF_INET, socket.SOCK_STREAM, ("{GOOD}", 443)), (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 443)),
                         (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 3129)), (socket.AF_INET6, socket.SOCK_STREAM, ("::1", 3128)),
                         (socket.AF_INET, socket.SOCK_DGRAM, ("{NAMESERVER}", 53)), (socket.AF_UNIX, socket.SOCK_STREAM, "/run/x"),
                         (socket.AF_NETLINK, socket.SOCK_RAW, (0, 0))):
    try: socket.socket(family, kind).connect(to); print("connected")
    except OSError as e: print(errno.errorcode[e.errno])
"""
        said = self.run_in(wire, self.python, "-c", script)["out"].split()
        self.assertEqual(len(said), 7, said)
        self.assertNotIn("connected", said)

    def test_the_door_is_the_sessions_alone(self):
        wire = self.named("api.test:443")
        self.assertEqual(self.curl(wire, "https://api.test/")["out"], "this is api.test")
        free = self.user.run(["curl", "-sS", "-m", "5", "-x", PROXY, "https://api.test/"], environment=self.user.environment(**self.trusting()))
        self.assertEqual(free.returncode, 7, "nobody else reaches the proxy")

    # Evidence

    def test_connections_are_recorded(self):
        wire = self.named("api.test:443", "inside.test:443")
        for name in ("api", "evil", "inside"):
            self.curl(wire, f"https://{name}.test/")
        wire.close()
        self.assert_nothing_left()
        opened, closed, *refused = self.connections()
        self.assertEqual(opened, {"address": GOOD, "connection": 1, "name": "api.test", "port": 443, "state": "opened"})
        self.assertEqual((closed["state"], closed["connection"]), ("closed", 1))
        self.assertGreater(min(closed["sent"], closed["received"]), 100)
        self.assertEqual([(one["name"], one["refusal"]) for one in refused], [("evil.test", "notPermitted"), ("inside.test", "insideAddress")])
        self.evidence_verifies()
        self.report_tells()

    def report_tells(self):
        """Whose connections they are is known by the server's name, by which they can be picked."""
        evidence = self.stage.root / "state/evidence"
        said = subprocess.run([self.stage.sandboxctl, "receipts", "report", "--format", "json", evidence], capture_output=True, text=True, timeout=60, check=True)
        (section,) = [section for section in json.loads(said.stdout)["sections"] if section["id"] == "connections"]
        told = {(row["name"], row["state"]) for row in section["rows"]}
        self.assertLessEqual({("api.test:443", "connected"), ("evil.test:443", "refused: notPermitted"), ("inside.test:443", "refused: insideAddress")}, told)
        (server,) = {row["server"] for row in section["rows"]}
        self.assertEqual(server, "python")
        shown = subprocess.run([self.stage.sandboxctl, "receipts", "show", "--server", server, "--kind", "connection", evidence], capture_output=True, text=True, timeout=60,
                               check=True)
        self.assertIn("connected to api.test:443 at", shown.stdout)
        self.assertIn("refused to connect to evil.test:443: notPermitted", shown.stdout)
