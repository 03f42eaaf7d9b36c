import Descriptors
import Glibc
import TestSupport
import Testing

@testable import Evidence

@Suite struct CryptographyTests {
    @Test(
        "SHA-256 gives the digests of FIPS 180-4, also from a context used before",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func sha256(text: String, hex: String) {
        var hash = SHA256()
        hash.update([1, 2, 3])
        _ = hash.finish()
        hash.update(Array(text.utf8))
        #expect(hash.finish().hex == hex)
        #expect(Digest(hex: hex)?.bytes == SHA256.digest(Array(text.utf8)).bytes)
    }

    @Test("HMAC-SHA-256 gives the codes of RFC 4231, also the second time")
    func hmac() {
        var first = HMACSHA256(key: [UInt8](repeating: 0x0B, count: 20))
        let hiThere = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        #expect(first.code(Array("Hi There".utf8)).hex == hiThere)
        #expect(first.code(Array("Hi There".utf8)).hex == hiThere)
        var second = HMACSHA256(key: Array("Jefe".utf8))
        #expect(
            second.code(Array("what do ya want for nothing?".utf8)).hex
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("CRC-32C gives the checksums of RFC 3720 appendix B.4, whole and in parts")
    func crc() {
        #expect(crc32c([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(crc32c([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(crc32c(Array(0..<32)) == 0x46DD_794E)
        #expect(crc32c(Array("123456789".utf8)) == 0xE306_9283)
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for cut in [0, 1, 7, 8, 9, 500, 999, 1_000] {
            #expect(crc32c(Array(bytes[cut...]), after: crc32c(Array(bytes[..<cut]))) == crc32c(bytes))
        }
    }

    @Test("Ed25519 gives the key and signature of RFC 8032 section 7.1, test 2, and refuses any other")
    func ed25519() throws {
        let seed = try #require(Hex.decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
        let publicKey = Ed25519.publicKey(ofSeed: seed)
        #expect(Hex.encode(publicKey) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        let signature = Ed25519.sign([0x72], seed: seed)
        #expect(Hex.encode(signature).hasPrefix("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"))
        #expect(Ed25519.isValid(signature, of: [0x72], publicKey: publicKey))
        #expect(!Ed25519.isValid(signature, of: [0x73], publicKey: publicKey))
        #expect(!Ed25519.isValid(signature.dropLast() + [signature[63] ^ 1], of: [0x72], publicKey: publicKey))
        #expect(!Ed25519.isValid(Array(signature.dropLast()), of: [0x72], publicKey: publicKey))
    }

    @Test("the openssl command line accepts a checkpoint's signature, and not one of other text")
    func opensslAgrees() throws {
        let scratch = try ScratchDirectory()
        let checkpoint = Checkpoint(size: 5, root: SHA256.digest([9]), key: someKey())
        let lines = checkpoint.text.split(separator: "\n", omittingEmptySubsequences: false)
        let statement = lines[0..<3].joined(separator: "\n") + "\n"
        let encoded = try #require(lines[4].split(separator: " ").last)
        let signature = try #require(Base64.decode(String(encoded)))
        // SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 section 4): a fixed head, then the key.
        let head = try #require(Hex.decode("302a300506032b6570032100"))
        try scratch.write("key.der", head + someKey().verifier.publicKey)
        try scratch.write("signature", Array(signature.dropFirst(4)))
        try scratch.write("statement", Array(statement.utf8))
        try scratch.write("other", Array(statement.utf8) + [0x0A])
        #expect(openssl(scratch, over: "statement") == 0)
        #expect(openssl(scratch, over: "other") != 0)
    }

    @Test("keys read back from their text, and from no other spelling of it")
    func keyTexts() throws {
        let key = someKey()
        #expect(SigningKey(text: key.text)?.verifier == key.verifier)
        #expect(VerifierKey(text: key.verifier.text) == key.verifier)
        for text in [key.verifier.text + " ", key.verifier.text + "=", "x" + key.verifier.text, key.text] {
            #expect(VerifierKey(text: text) == nil)
        }
        for name in ["", "a b", "a+b", "a\n", "\u{2014}"] { #expect(VerifierKey(name: name, publicKey: key.verifier.publicKey) == nil) }
    }

    @Test("the C2SP example key has the hash that its page states")
    func publishedKey() throws {
        // golang.org/x/mod/sumdb/note, package example.
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        #expect(VerifierKey(text: text)?.name == "PeterNeumann")
        #expect(VerifierKey(text: text.replacing("c74f20a3", with: "c74f20a4")) == nil)
    }

    @Test("base64 and hexadecimal read back what they wrote and nothing else")
    func encodings() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        }
        #expect(Base64.encode(Array("fooba".utf8)) == "Zm9vYmE=")
        for text in ["Zm9vYmE", "Zm9vYmF=", "Zm9v YmE=", "Zg=", "====", "Zm9vYmE=\n"] { #expect(Base64.decode(text) == nil, "\(text)") }
        for text in ["0", "0G", "AB"] { #expect(Hex.decode(text) == nil) }
    }

    private func crc32c(_ bytes: [UInt8], after previous: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { CRC32C.checksum($0, after: previous) }
    }

    private func openssl(_ scratch: ScratchDirectory, over name: String) -> Int32 {
        let command =
            "cd \(scratch.path) && openssl pkeyutl -verify -pubin -inkey key.der -keyform DER -rawin -in \(name) -sigfile signature"
            + " >/dev/null 2>&1"
        return system(command)
    }
}
