import ControlProtocol
import Policy
import PolicyText
import StrictJSON

/// Where a reason is shown: a file that the reader has, and a region in it.
struct SARIFPlace: Sendable, Hashable {
    /// A URI reference, relative to the working directory where the file lies below it.
    let uri: String
    let line: Int
    /// From 1, in code points; nil where the whole line is meant.
    let column: Int?
    let length: Int
    /// What the place cannot show: a document that is no file here.
    let remark: String?
    /// The whole text, for fingerprints.
    let source: [UInt8]

    /// A reason without a place, or in a shipped preset, stands at the beginning of the policy.
    init(_ reason: Reason, in policy: CheckedPolicy, directory: String) {
        let location = reason.location
        let isMain = location.map { $0.file.utf8.elementsEqual((policy.texts?.policy.name ?? policy.file).utf8) } ?? true
        let include = isMain ? nil : policy.texts?.includes.first { $0.name.utf8.elementsEqual((location?.file ?? "").utf8) }
        let layer = isMain ? nil : location.flatMap { policy.texts?.layers.source($0.file) == nil ? nil : $0.file }
        let isShown = isMain || include?.path != nil || layer != nil
        uri = Self.uri(include?.path ?? layer ?? policy.texts?.policy.name ?? policy.file, directory)
        line = isShown ? location?.line ?? 1 : 1
        column = isShown ? location?.column : nil
        length = location?.length ?? 1
        remark = isShown ? nil : location.map { "it stands in the included `\(Escaping.line($0.file))`, line \($0.line)" }
        source = (isShown ? location.flatMap { policy.source($0.file) } : nil) ?? policy.texts?.policy.bytes ?? policy.layer?.bytes ?? []
    }

    var json: JSON {
        var region: JSONObject = ["startLine": JSON(line)]
        if let column {
            region["startColumn"] = JSON(column)
            region["endColumn"] = JSON(column + length)
        }
        var artifact: JSONObject = ["uri": .string(uri)]
        if !uri.hasPrefix("file:") { artifact["uriBaseId"] = "%SRCROOT%" }
        return ["physicalLocation": ["artifactLocation": .object(artifact), "region": .object(region)]]
    }

    static func uri(_ path: String, _ directory: String) -> String {
        let below = directory.hasSuffix("/") ? directory : directory + "/"
        if path.utf8.starts(with: below.utf8) { return encoded(path.utf8.dropFirst(below.utf8.count)) }
        if path.hasPrefix("/") { return "file://" + encoded(path.utf8) }
        var rest = path.utf8[...]
        while rest.starts(with: "./".utf8) { rest = rest.dropFirst(2) }
        return encoded(rest)
    }

    /// RFC 3986 section 3.3: all but unreserved characters and `/` in percent encoding, so that no segment reads as a scheme.
    private static func encoded(_ path: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in path {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
