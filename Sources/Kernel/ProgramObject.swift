import CKernel
import Descriptors

/// One object while it is being made into programs (libbpf's `bpf_object`).
final class ProgramObject {
    private let object: OpaquePointer

    /// Opens it from memory; `name` is for the kernel's listings.
    init(_ image: [UInt8], name: String) throws(Errno) {
        var failure: Int32 = 0
        guard let object = ck_bpf_open(image, image.count, name, nil, 0, &failure) else { throw Errno(code: -failure) }
        self.object = object
    }

    deinit { ck_bpf_close(object) }

    // MARK: Before loading

    /// Section .rodata.
    func setConstants<Constants: BitwiseCopyable>(_ constants: Constants) throws(Errno) {
        var constants = constants
        try check(ck_bpf_set_constants(object, &constants, MemoryLayout<Constants>.size))
    }

    /// At least one, which is what the kernel takes.
    func setCapacity(_ map: String, _ count: Int) throws(Errno) { try check(ck_bpf_set_capacity(object, map, UInt32(max(1, count)))) }

    /// Takes the maps that it declares and that are there already.
    func reuse(_ maps: MapDescriptors) throws(Errno) {
        for (name, number) in maps.numbers {
            let result = ck_bpf_reuse(object, name, number)
            if result != -Errno.noEntry.code { try check(result) }
        }
    }

    func want(_ program: String) throws(Errno) { try check(ck_bpf_want(object, program)) }

    func load() throws(Errno) { try check(ck_bpf_load(object)) }

    // MARK: When it is loaded

    /// Fills a map, then freezes it: from here on nobody changes what is permitted.
    func fill<Key: BitwiseCopyable, Value: BitwiseCopyable>(_ map: String, _ keys: [Key], _ values: [Value]) throws(Errno) {
        if !keys.isEmpty { try check(ck_bpf_fill(object, map, keys, values, UInt32(keys.count))) }
        try check(ck_bpf_freeze(object, map))
    }

    /// Adds a file's inode to a map of inode storage.
    func grant(_ file: BorrowedDescriptor, in map: String) throws(Errno) { try check(ck_bpf_grant(object, map, file.number)) }

    /// A descriptor of the map; `nil` where the object has none of that name.
    func map(_ name: String) throws(Errno) -> Int32? {
        let number = ck_bpf_map(object, name)
        if number == -Errno.noEntry.code { return nil }
        try check(number)
        return number
    }

    func program(_ name: String) throws(Errno) -> OwnedDescriptor { try descriptor(ck_bpf_program(object, name)) }

    /// A link of the program to the cgroup.
    func attach(_ program: String, to cgroup: Int32) throws(Errno) -> OwnedDescriptor {
        try descriptor(ck_bpf_attach(object, program, cgroup))
    }
}
