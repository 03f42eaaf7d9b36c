import Glibc

/// `embed-file TYPE OUTPUT [--compile-bpf CLANG OBJCOPY ROOT] [NAME FILE]…`: writes a Swift file with an enum TYPE that holds the files'
/// bytes by name. With `--compile-bpf` each FILE is a BPF program in C, and its object is embedded.
///
/// The bytes are base64 in a `StaticString`: an array literal of that size takes the compiler minutes.
@main
struct EmbedFile {
    static func main() {
        var arguments = CommandLine.arguments.dropFirst()
        guard let type = arguments.popFirst(), let output = arguments.popFirst() else { fail("usage: embed-file TYPE OUTPUT [NAME FILE]…") }
        let compiler = takeCompiler(&arguments)
        var files: [(name: String, bytes: [UInt8])] = []
        while let name = arguments.popFirst(), let path = arguments.popFirst() {
            files.append((name, compiler?.object(of: path, scratch: output + ".object") ?? read(path)))
        }
        write(source(type: type, files: files), to: output)
    }

    private static func takeCompiler(_ arguments: inout ArraySlice<String>) -> BPFCompiler? {
        guard arguments.first == "--compile-bpf" else { return nil }
        arguments.removeFirst()
        guard let clang = arguments.popFirst(), let objcopy = arguments.popFirst(), let root = arguments.popFirst() else {
            fail("usage: embed-file TYPE OUTPUT --compile-bpf CLANG OBJCOPY ROOT [NAME FILE]…")
        }
        return BPFCompiler(clang: clang, objcopy: objcopy, root: root)
    }

    static func source(type: String, files: [(name: String, bytes: [UInt8])]) -> String {
        let names = files.map { literal($0.name) }.joined(separator: ", ")
        let contents = files.map { "        \"\(base64($0.bytes))\",\n" }.joined()
        return """
            /// Files that the build embedded, by name. Made by `embed-file`.
            enum \(type) {
                /// The names, in the order of their bytes.
                static let names: [String] = [\(names)]

                /// The content of a file; nil when no file has this name (compared by bytes).
                static func bytes(of name: String) -> [UInt8]? {
                    guard let index = names.firstIndex(where: { $0.utf8.elementsEqual(name.utf8) }) else { return nil }
                    return decoded(contents[index])
                }

                private static let contents: [StaticString] = [
            \(contents)    ]

                /// Base64 with padding, as `embed-file` wrote it.
                private static func decoded(_ text: StaticString) -> [UInt8] {
                    var bytes: [UInt8] = []
                    var bits: UInt32 = 0
                    var count = 0
                    text.withUTF8Buffer { characters in
                        bytes.reserveCapacity(characters.count / 4 * 3)
                        for character in characters where character != UInt8(ascii: "=") {
                            bits = bits << 6 | value(of: character)
                            count += 6
                            if count >= 8 {
                                count -= 8
                                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                            }
                        }
                    }
                    return bytes
                }

                private static func value(of character: UInt8) -> UInt32 {
                    switch character {
                    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
                    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
                    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
                    case UInt8(ascii: "+"): 62
                    default: 63
                    }
                }
            }

            """
    }

    static func literal(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        guard isPlain else { fail("embed-file: name `\(name)` has characters that are not plain") }
        return "\"\(name)\""
    }

    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { fail("embed-file: cannot read \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    static func write(_ text: String, to path: String) {
        guard let file = fopen(path, "w") else { fail("embed-file: cannot write \(path)") }
        let bytes = Array(text.utf8)
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else { fail("embed-file: cannot write \(path)") }
    }

    static func fail(_ message: String) -> Never {
        let bytes = Array((message + "\n").utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
        exit(1)
    }
}
