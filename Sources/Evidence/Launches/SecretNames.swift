/// Names whose values are secrets.
public enum SecretNames {
    /// Whole words.
    static let words: Set<String> = [
        "key", "keys", "apikey", "token", "tokens", "pat", "secret", "secrets", "password", "passwords", "passwd", "passphrase", "pass",
        "pwd", "pin",
        "auth", "authorization", "authentication", "bearer", "credential", "credentials", "creds", "cred", "cookie", "session", "signature",
        "sig",
        "jwt", "otp", "private", "dsn", "salt", "seed",
    ]
    /// Wherever they stand, in small letters.
    static let fragments = [
        "token", "secret", "passw", "apikey", "api_key", "api-key", "credential", "authoriz", "privatekey", "accesskey",
    ]

    /// Whether a name says that its value is a secret.
    public static func says(_ name: some Collection<UInt8>) -> Bool {
        guard !name.isEmpty, name.count <= 128 else { return false }
        let lower = String(decoding: name.map(TokenForm.lower), as: UTF8.self)
        return fragments.contains { contains(lower, $0) } || split(Array(name)).contains { words.contains($0) }
    }

    private static func contains(_ text: String, _ part: String) -> Bool {
        let bytes = Array(text.utf8), wanted = Array(part.utf8)
        return bytes.count >= wanted.count && (0...bytes.count - wanted.count).contains { bytes[$0...].starts(with: wanted) }
    }

    private static func split(_ name: [UInt8]) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        for (index, byte) in name.enumerated() {
            let startsWord = index > 0 && TokenForm.isCapital(byte) && !TokenForm.isCapital(name[index - 1])
            if startsWord || !TokenForm.isLetter(byte) {
                words.append(String(decoding: word, as: UTF8.self))
                word = []
            }
            if TokenForm.isLetter(byte) { word.append(TokenForm.lower(byte)) }
        }
        return (words + [String(decoding: word, as: UTF8.self)]).filter { !$0.isEmpty }
    }
}
