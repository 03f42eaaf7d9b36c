import Glibc

/// Several owned descriptors in order; those not taken are closed with the list. (An array cannot hold what has one owner.)
public struct DescriptorList: ~Copyable, Sendable {
    private var numbers: [Int32]

    public init() {
        numbers = []
    }

    /// Takes over open descriptors.
    init(owning numbers: [Int32]) {
        self.numbers = numbers
    }

    public var count: Int { numbers.count }
    public var isEmpty: Bool { numbers.isEmpty }

    /// Puts a descriptor at the end.
    public mutating func append(_ descriptor: consuming OwnedDescriptor) {
        numbers.append(descriptor.release())
    }

    /// Takes the descriptor at `index`; nil when there is none or it was taken. The others keep their index.
    public mutating func take(_ index: Int) -> OwnedDescriptor? {
        guard numbers.indices.contains(index), numbers[index] >= 0 else { return nil }
        let number = numbers[index]
        numbers[index] = -1
        return OwnedDescriptor(owning: number)
    }

    /// The descriptor at `index` without ownership; nil when there is none or it was taken.
    public func peek(_ index: Int) -> BorrowedDescriptor? {
        guard numbers.indices.contains(index), numbers[index] >= 0 else { return nil }
        return BorrowedDescriptor(numbers[index])
    }

    deinit {
        for number in numbers where number >= 0 { close(number) }
    }
}
