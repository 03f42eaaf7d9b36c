import Glibc

/// Compiles a BPF program with clang and strips its DWARF; the BTF, which libbpf needs, stays.
struct BPFCompiler {
    let clang: String
    let objcopy: String
    /// The package: what the object calls `.`, so that it is the same wherever the package lies.
    let root: String

    /// The object's bytes; ends the program when a tool fails, which has then said why.
    func object(of source: String, scratch: String) -> [UInt8] {
        run([clang] + flags + ["-c", source, "-o", scratch])
        run([objcopy, "--strip-debug", scratch])
        let bytes = EmbedFile.read(scratch)
        unlink(scratch)
        return bytes
    }

    private var flags: [String] {
        [
            "-target", "bpf", "-mcpu=v3", "-g", "-O2", "-Wall", "-Wextra", "-Werror", "-std=gnu17",
            "-fdebug-prefix-map=\(root)=.", "-fdebug-compilation-dir=.",
            // Where distributions with several architectures keep asm/types.h; a directory that is not there is passed over.
            "-idirafter", "/usr/include/\(multiarch)",
        ]
    }

    private var multiarch: String {
        #if arch(x86_64)
            "x86_64-linux-gnu"
        #elseif arch(arm64)
            "aarch64-linux-gnu"
        #endif
    }

    private func run(_ command: [String]) {
        let arguments = command.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, command[0], nil, nil, arguments, environ) == 0 else {
            EmbedFile.fail("embed-file: cannot run \(command[0])")
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        guard status == 0 else { EmbedFile.fail("embed-file: \(command[0]) failed on \(command.last ?? "")") }
    }
}
