/// What tokens look like.
enum TokenForm {
    /// Of services that give theirs a beginning by which it is found, and of formats.
    static let beginnings: [String] = [
        "sk-", "sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_", "whsec_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_",
        "glpat-",
        "gldt-", "glrt-", "xoxa-", "xoxb-", "xoxc-", "xoxd-", "xoxe-", "xoxp-", "xoxr-", "xoxs-", "xapp-", "AKIA", "ASIA", "AIza", "ya29.",
        "GOCSPX-",
        "eyJ", "npm_", "pypi-", "hf_", "SG.", "dop_v1_", "doo_v1_", "shpat_", "shpss_", "sntrys_", "lin_api_", "ntn_", "secret_", "dapi",
        "hvs.", "hvb.",
        "tvly-", "gsk_", "r8_", "xai-", "pplx-", "fw_", "figd_", "-----BEGIN ", "AGE-SECRET-KEY-", "Bearer ", "Basic ", "PRIVATE+KEY+",
    ]
    /// So many bytes at least follow a beginning, or it is a word that only begins so.
    private static let leastBehind = 12

    /// How many bytes of a token of a known form stand here; nil when none begins.
    static func known(_ bytes: ArraySlice<UInt8>) -> Int? {
        for beginning in beginnings where bytes.starts(with: beginning.utf8) {
            let rest = bytes.dropFirst(beginning.utf8.count)
            // A block of text is one to its end.
            if beginning.utf8.starts(with: "-----".utf8) { return bytes.count }
            let body = rest.prefix { isTokenByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "~") }
            if body.count >= leastBehind { return beginning.utf8.count + body.count }
        }
        return nil
    }

    /// Whether one begins behind this byte: within a word only by a beginning that no word has.
    static func begins(_ bytes: ArraySlice<UInt8>, behind: UInt8) -> Bool {
        guard known(bytes) != nil else { return false }
        return !isWord(behind)
            || beginnings.contains { $0.utf8.count > 3 && $0.utf8.contains(UInt8(ascii: "_")) && bytes.starts(with: $0.utf8) }
    }

    /// Whether a run could have been drawn by lot. Counted are its letters and digits, 16 or more. It is random when 16 in a row are
    /// hexadecimal, three of them digits, or 32 are; or when there are four letters, and between small letters, capitals and digits it changes
    /// five times with two digits, or twelve times.
    static func isRandom(_ run: ArraySlice<UInt8>) -> Bool {
        let signs = run.filter { isWord($0) }
        guard signs.count >= 16 else { return false }
        let digits = signs.count { isDigit($0) }, letters = signs.count - digits
        let isHexadecimal = signs.split { !isHexadecimalDigit($0) }.contains { part in
            part.count >= 32 || part.count >= 16 && part.count(where: isDigit) >= 3
        }
        if isHexadecimal { return true }
        let changes = zip(signs, signs.dropFirst()).count { kind($0) != kind($1) }
        return letters >= 4 && (digits >= 2 && changes >= 5 || changes >= 12)
    }

    private static func kind(_ byte: UInt8) -> Int { isDigit(byte) ? 0 : isCapital(byte) ? 1 : 2 }

    static func isTokenByte(_ byte: UInt8) -> Bool { isWord(byte) || "+/=_-".utf8.contains(byte) }
    static func isWord(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    static func isHexadecimalDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x66).contains(lower(byte)) }
    static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
    static func isLetter(_ byte: UInt8) -> Bool { isCapital(byte) || (0x61...0x7A).contains(byte) }
    static func lower(_ byte: UInt8) -> UInt8 { isCapital(byte) ? byte | 0x20 : byte }
}
