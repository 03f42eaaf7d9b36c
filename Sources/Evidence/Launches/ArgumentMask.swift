/// What a command's arguments become in a receipt: what looks like a secret is `[masked]`. It errs on that side; what it lets through is not
/// proven to be none.
///
/// In this order, over the bytes of each argument:
///
/// 1. **By name.** A name says secret when one of its words (between `-`, `_`, `.`, digits, and where a capital follows a small letter) is one of
///    `SecretNames.words`, or it contains one of `SecretNames.fragments`. Masked is the value of `--NAME=VALUE`, `-NAME=VALUE`, `NAME=VALUE` and
///    `NAME: VALUE`; the whole argument behind `--NAME` or `-NAME`; in a URL the value of `?NAME=VALUE` and `&NAME=VALUE`.
/// 2. **In a URL** the password, or where there is none the user, of `SCHEME://USER:PASSWORD@`.
/// 3. **By form.** From a known beginning of tokens (`TokenForm.beginnings`) on: all that may belong to one.
/// 4. **By chance.** Of each run of ASCII letters, digits, `+`, `=`, `_`, `-` and, but in a path, `/`: all of it when it has 16 or more and is
///    *random* (see `TokenForm.isRandom`).
///
/// What stands before the `=` of an option is never masked.
public enum ArgumentMask {
    static let mask = "[masked]"
    /// Bytes of one argument that a receipt holds, and how many arguments.
    public static let longest = 512
    public static let most = 128

    /// One argument each, of UTF-8; `masked`: in how many something was.
    public static func apply(_ arguments: [[UInt8]]) -> (arguments: [String], masked: Int, omitted: Int) {
        var shown: [String] = []
        var masked = 0
        var hidesNext = false
        for argument in arguments.prefix(most) {
            let text = String(decoding: argument, as: UTF8.self)
            let safe = hidesNext ? mask : apply(text)
            hidesNext = !hidesNext && isSecretOption(text)
            if !safe.utf8.elementsEqual(text.utf8) { masked += 1 }
            shown.append(cut(safe))
        }
        return (shown, masked, max(0, arguments.count - most))
    }

    /// `--token`, `-password`: what follows is its value.
    private static func isSecretOption(_ text: String) -> Bool {
        text.utf8.first == dash && !text.utf8.contains(equals) && SecretNames.says(text.utf8.drop { $0 == dash })
    }

    private static func apply(_ text: String) -> String {
        let bytes = Array(text.utf8)
        if let value = secretValue(bytes) { return String(decoding: bytes[..<value], as: UTF8.self) + mask }
        // The name of an option is the program's own word.
        let spared = bytes.first == dash ? bytes.firstIndex(of: equals).map { $0 + 1 } ?? 0 : 0
        let name = String(decoding: bytes[..<spared], as: UTF8.self)
        return name + maskRuns(maskURL(Array(bytes[spared...])))
    }

    private static let dash = UInt8(ascii: "-")
    private static let equals = UInt8(ascii: "=")

    // MARK: By name

    /// Where the value begins whose name says secret.
    private static func secretValue(_ bytes: [UInt8]) -> Int? {
        guard let border = bytes.firstIndex(where: { $0 == equals || $0 == UInt8(ascii: ":") }), border + 1 < bytes.count,
            bytes[..<border].allSatisfy(isNameByte), SecretNames.says(bytes[..<border].drop { $0 == dash })
        else { return nil }
        // `https:` and `C:` are no names of headers.
        if bytes[border] == UInt8(ascii: ":"), bytes[border + 1] != UInt8(ascii: " ") { return nil }
        return border + (bytes[border] == equals ? 1 : 2)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        TokenForm.isLetter(byte) || TokenForm.isDigit(byte) || "-_.".utf8.contains(byte)
    }

    // MARK: URLs

    private static func maskURL(_ bytes: [UInt8]) -> [UInt8] {
        maskQuery(maskUser(bytes))
    }

    private static func maskUser(_ bytes: [UInt8]) -> [UInt8] {
        let slashes = Array("://".utf8)
        guard bytes.count > 3, let scheme = (0..<bytes.count - 3).first(where: { bytes[$0...].starts(with: slashes) }) else { return bytes }
        let start = scheme + 3
        let authority = bytes[start...].prefix { !"/?#".utf8.contains($0) }
        guard let at = authority.lastIndex(of: UInt8(ascii: "@")) else { return bytes }
        let secret = authority[..<at].firstIndex(of: UInt8(ascii: ":")).map { $0 + 1 } ?? start
        return Array(bytes[..<secret]) + Array(mask.utf8) + Array(bytes[at...])
    }

    private static func maskQuery(_ bytes: [UInt8]) -> [UInt8] {
        var masked: [UInt8] = []
        var rest = bytes[...]
        while let mark = rest.firstIndex(where: { "?&".utf8.contains($0) }) {
            masked += rest[...mark]
            rest = rest[(mark + 1)...]
            let name = rest.prefix(while: isNameByte)
            guard name.endIndex < rest.endIndex, rest[name.endIndex] == equals, SecretNames.says(name) else { continue }
            masked += name + [equals] + Array(mask.utf8)
            rest = rest[name.endIndex...].drop { !"&#".utf8.contains($0) }
        }
        return masked + rest
    }

    // MARK: Runs

    private static func maskRuns(_ bytes: [UInt8]) -> String {
        var shown: [UInt8] = []
        var rest = bytes[...]
        let isPath =
            bytes.starts(with: "/".utf8) || bytes.starts(with: "./".utf8) || bytes.starts(with: "../".utf8)
            || bytes.starts(with: "~/".utf8) || bytes.contains(UInt8(ascii: ":"))
        while let first = rest.first {
            if let length = TokenForm.known(rest) {
                shown += mask.utf8
                rest = rest.dropFirst(length)
            } else {
                let run = rest.prefix { TokenForm.isTokenByte($0) && (!isPath || $0 != UInt8(ascii: "/")) }
                guard !run.isEmpty else {
                    shown.append(first)
                    rest = rest.dropFirst()
                    continue
                }
                // A known beginning may lie within a run.
                let inner = run.indices.dropFirst().first { TokenForm.begins(run[$0...], behind: run[$0 - 1]) }
                let part = inner.map { run[..<$0] } ?? run
                shown += TokenForm.isRandom(part) ? Array(mask.utf8) : Array(part)
                rest = rest.dropFirst(part.count)
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// At a border between characters.
    private static func cut(_ text: String) -> String {
        guard text.utf8.count > longest else { return text }
        var kept = ""
        for scalar in text.unicodeScalars {
            if kept.utf8.count + UTF8.width(scalar) > longest { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept + "…"
    }
}
