import CKernel
import Glibc

/// Seccomp programs for tests.
enum TestFilter {
    /// Everything but execve and execveat, which are notified: launch once; and no new listener.
    static func launchOnce(denying names: [String] = []) throws -> Int32 {
        var failure: Int32 = 0
        let filter = try required(ck_seccomp_create(CK_ALLOW, 0, &failure), "ck_seccomp_create: \(failure)")
        defer { ck_seccomp_free(filter) }
        for name in ["execve", "execveat"] { try require(ck_seccomp_add(filter, name, CK_NOTIFY, 0, nil, 0), name) }
        for name in names { try require(ck_seccomp_add(filter, name, CK_ERRNO, UInt32(EPERM), nil, 0), name) }
        let newListener = ck_comparison(argument: 1, operation: CK_MASKED_EQUAL, mask: 8, value: 8)
        try require(ck_seccomp_add(filter, "seccomp", CK_ERRNO, UInt32(EPERM), [newListener], 1), "seccomp")
        return try require(ck_seccomp_export(filter), "ck_seccomp_export")
    }
}
