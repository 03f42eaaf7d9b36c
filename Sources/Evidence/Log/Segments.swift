import Descriptors

/// The segment files of a log in order.
struct Segments {
    /// First numbers, ascending.
    let firstNumbers: [UInt64]
    /// Names in the directory that are none.
    let foreign: [String]

    init(in directory: borrowing some Descriptor & ~Copyable) throws(Errno) {
        var numbers: [UInt64] = []
        var foreign: [String] = []
        for name in try directory.names() {
            if let number = LogFiles.firstNumber(ofSegment: name) {
                numbers.append(number)
            } else {
                foreign.append(String(decoding: name, as: UTF8.self))
            }
        }
        firstNumbers = numbers.sorted()
        self.foreign = foreign
    }
}
