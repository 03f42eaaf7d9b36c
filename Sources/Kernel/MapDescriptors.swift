import CKernel
import Descriptors
import Glibc

/// Maps by name, while programs are made that ask them.
final class MapDescriptors {
    private(set) var numbers: [String: Int32] = [:]

    deinit { for number in numbers.values { close(number) } }

    subscript(name: String) -> Int32? { numbers[name] }

    /// Takes over descriptors of what the object declares and is not here yet; says which these are.
    func add(_ names: [String], of object: ProgramObject) throws(Errno) -> Set<String> {
        var added: Set<String> = []
        for name in names where numbers[name] == nil {
            guard let number = try object.map(name) else { continue }
            numbers[name] = number
            added.insert(name)
        }
        return added
    }

    /// Those that are not here yet; the others keep theirs, too.
    func add(_ others: MapDescriptors) throws(Errno) {
        for (name, number) in others.numbers where numbers[name] == nil {
            numbers[name] = try BorrowedDescriptor(number).duplicate().release()
        }
    }

    /// Takes the descriptor over.
    func add(_ name: String, _ map: consuming OwnedDescriptor) { numbers[name] = map.release() }
}
