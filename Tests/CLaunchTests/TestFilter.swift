import CKernel
import Glibc

/// Seccomp programs for tests.
enum TestFilter {
    /// Everything but execve and execveat, which are notified: launch once; and no new listener.
    static func launchOnce() throws -> Int32 {
        let filter = try Builder()
        try filter.addLaunchOnce()
        return try filter.exported()
    }

    /// As a server gets it: no sockets but TCP and stream pairs, no Fast Open, no listening, no new processes, no metadata.
    static func server(permitsDatagrams: Bool = false, permitsListening: Bool = false) throws -> Int32 {
        let filter = try Builder()
        try filter.addLaunchOnce()
        let any = UInt64(UInt32.max)
        for family in 0..<UInt64(64) where family != 2 && family != 10 {
            try filter.deny("socket", EPERM, [equal(0, any, family)])
        }
        if !permitsDatagrams { try filter.deny("socket", EPERM, [equal(1, 0xf, 2)]) }
        if !permitsListening { try filter.deny("listen", EPERM) }
        try filter.deny("socket", EPERM, [equal(2, any, 262)])
        for type in [UInt64(2), 3] { try filter.deny("socketpair", EPERM, [equal(1, 0xf, type)]) }
        try filter.deny("sendto", EPERM, [equal(3, 0x2000_0000, 0x2000_0000)])
        try filter.deny("setsockopt", EPERM, [equal(1, any, 41), equal(2, any, 57)])
        for name in ["fchmod", "chmod", "fchmodat", "fork", "vfork", "unshare", "ptrace", "bpf"] { try filter.deny(name, EPERM) }
        try filter.deny("clone", EPERM, [equal(0, 0x10000, 0)])
        for name in ["clone3", "io_uring_setup"] { try filter.deny(name, ENOSYS) }
        return try filter.exported()
    }

    static func equal(_ argument: UInt32, _ mask: UInt64, _ value: UInt64) -> ck_comparison {
        ck_comparison(argument: argument, operation: CK_MASKED_EQUAL, mask: mask, value: value)
    }

    final class Builder {
        let filter: OpaquePointer

        init() throws {
            var failure: Int32 = 0
            filter = try required(ck_seccomp_create(CK_ALLOW, 0, &failure), "ck_seccomp_create: \(failure)")
        }

        deinit { ck_seccomp_free(filter) }

        func addLaunchOnce() throws {
            for name in ["execve", "execveat"] { try require(ck_seccomp_add(filter, name, CK_NOTIFY, 0, nil, 0), name) }
            try deny("seccomp", EPERM, [equal(1, 8, 8)])
        }

        func deny(_ name: String, _ error: Int32, _ comparisons: [ck_comparison] = []) throws {
            try require(ck_seccomp_add(filter, name, CK_ERRNO, UInt32(error), comparisons, UInt32(comparisons.count)), name)
        }

        func exported() throws -> Int32 { try require(ck_seccomp_export(filter), "ck_seccomp_export") }
    }
}
