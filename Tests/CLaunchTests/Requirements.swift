import Glibc

/// A call that a test builds upon has failed.
struct Unmet: Error, CustomStringConvertible {
    let description: String
}

/// Returns the result of a call, or throws when it is a negative errno.
@discardableResult
func require(_ result: Int32, _ what: String) throws -> Int32 {
    guard result >= 0 else { throw Unmet(description: "\(what): \(String(cString: strerror(-result)))") }
    return result
}

func required<Value>(_ value: Value?, _ what: String) throws -> Value {
    guard let value else { throw Unmet(description: what) }
    return value
}

func readFile(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
        bytes += chunk[..<count]
    }
}

let isRoot = getuid() == 0
