/// A descriptor that somebody else owns, e.g. standard input or one kept in a table. Never closes.
public struct BorrowedDescriptor: Descriptor, Hashable, Sendable {
    public let number: Int32

    public init(_ number: Int32) {
        precondition(number >= 0, "a descriptor number is never negative")
        self.number = number
    }

    public static let standardInput = BorrowedDescriptor(0)
    public static let standardOutput = BorrowedDescriptor(1)
    public static let standardError = BorrowedDescriptor(2)
}
