"""A web server of a test's own, on loopback: what it saw is the truth about what was connected to."""

import http.client
import http.server
import threading


class WebServer:
    """Serves one text page on loopback and remembers who came."""

    def __init__(self, address: str, port: int, page: str):
        self.visits: list[str] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.visits.append(self.path)
                body = page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        self.address, self.port = self.server.server_address[:2]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"{self.address}:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.endpoint}/{path}"

    def visit(self) -> bool:
        """From outside any session."""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=10)
        connection.request("GET", "/outside")
        answer = connection.getresponse().status == 200
        connection.close()
        return answer

    def close(self):
        self.server.shutdown()
        self.server.server_close()
