import Descriptors
public import Policy

/// The nameservers of resolv.conf(5).
public enum ResolverConfiguration {
    /// Bytes that the file may have; a longer one is not read at all.
    static let limit = 64 << 10

    /// Reads the file with the credentials of this process.
    public static func nameservers(of path: String = FoundNameservers.file) -> FoundNameservers {
        do throws(Errno) {
            guard let bytes = try WorkingDirectory().contents(of: path, limit: limit) else { return FoundNameservers(error: "EFBIG") }
            return nameservers(in: bytes)
        } catch {
            return FoundNameservers(error: error.name)
        }
    }

    /// `nameserver`, blanks, and the address up to the next blank, as the C library reads a line; each address once.
    static func nameservers(in bytes: [UInt8]) -> FoundNameservers {
        var found = FoundNameservers()
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let written = address(in: line) else { continue }
            let text = String(decoding: written, as: UTF8.self)
            if let address = usable(text) {
                if !found.addresses.contains(address) { found.addresses.append(address) }
            } else if !found.leftOut.contains(where: { $0.utf8.elementsEqual(text.utf8) }) {
                found.leftOut.append(text)
            }
        }
        return found
    }

    private static func address(in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let keyword = Array("nameserver".utf8)
        let rest = line.dropFirst(keyword.count)
        guard line.starts(with: keyword), let first = rest.first, isBlank(first) else { return nil }
        let address = rest.drop(while: isBlank).prefix { !isBlank($0) }
        return address.isEmpty ? nil : address
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    /// Link-local addresses mean another host on each link, and the unspecified one is whatever the kernel makes of it.
    private static func usable(_ text: String) -> IPAddress? {
        guard let address = IPAddress(text)?.unmapped, !address.isLinkLocal, !address.isUnspecified else { return nil }
        return address
    }
}
