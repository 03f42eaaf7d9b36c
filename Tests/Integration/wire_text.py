"""Lines of the wire suite (Tests/Fixtures/wire) as bytes. Standard library only: servers import it."""

MODERN = "2026-07-28"
META = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}'


def line_text(text: str, version: str) -> str:
    modern = version == MODERN
    return text.replace("@meta", META if modern else '"_meta":{}').replace("@type", '"resultType":"complete",' if modern else "")


def line_bytes(line, version: str) -> bytes:
    if isinstance(line, list):
        return b"".join(line_bytes(piece, version) for piece in line)
    if isinstance(line, dict):
        return bytes.fromhex(line["hex"]) if "hex" in line else line["repeat"].encode() * line["times"]
    return line_text(line, version).encode()
