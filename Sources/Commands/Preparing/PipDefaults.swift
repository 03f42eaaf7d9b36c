import Descriptors
import Glibc

/// The registry that pip takes where nobody names another: asked of the host's own pip, which knows it.
enum PipDefaults {
    struct Registry: Sendable, Hashable {
        let index: RegistryAddress
        let files: RegistryAddress
    }

    /// pip as it is installed, or as it lies in a wheel beside Python (ensurepip).
    private static let program = #"""
        from glob import glob; import os, sys
        places = ["/usr/share/python-wheels"]
        try:
            from ensurepip import __file__ as beside
            places.append(os.path.join(os.path.dirname(beside), "_bundled"))
        except ImportError:
            pass
        sys.path += [wheel for place in places for wheel in sorted(glob(place + "/pip-*.whl"))]
        from pip._internal.models.index import PyPI
        print(PyPI.simple_url, PyPI.file_storage_domain)
        """#

    /// Nanoseconds for an answer.
    private static let patience: UInt64 = 15_000_000_000
    private static let longest = 4_096

    /// nil where this Python does not say it.
    static func ask(_ python: String) -> Registry? {
        guard let output = try? Pipe(), let process = spawn(python, output.writer.number) else { return nil }
        let answer = read(consume output, until: Clock.monotonic + patience)
        if answer == nil { kill(process, SIGKILL) }
        var status: Int32 = 0
        guard waitpid(process, &status, 0) == process, status == 0, let answer else { return nil }
        let words = answer.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count == 2, let index = RegistryAddress(words[0]), let files = RegistryAddress("https://\(words[1])/") else {
            return nil
        }
        return Registry(index: index, files: files)
    }

    /// Without what the user's environment says of Python (`-I`).
    private static func spawn(_ python: String, _ output: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let arguments: [String] = [python, "-I", "-c", program]
        let words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        return posix_spawn(&process, python, &actions, nil, words, environ) == 0 ? process : nil
    }

    private static func read(_ output: consuming Pipe, until deadline: UInt64) -> String? {
        let reader = output.closingWriter()
        var bytes: [UInt8] = []
        while bytes.count <= longest {
            let now = Clock.monotonic
            var entry = pollfd(fd: reader.number, events: Int16(POLLIN), revents: 0)
            guard now < deadline, poll(&entry, 1, Int32((deadline - now) / 1_000_000 + 1)) > 0,
                let transfer = try? reader.read(appendingTo: &bytes, atMost: longest)
            else { return nil }
            if transfer == .ended { return String(validating: bytes, as: UTF8.self) }
        }
        return nil
    }
}

extension Pipe {
    /// The end that is read, with the other one closed.
    fileprivate consuming func closingWriter() -> OwnedDescriptor { reader }
}
