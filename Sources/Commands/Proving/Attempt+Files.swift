import KernelPlan

extension Attempt {
    static let files: [Attempt] = reading + writing + writingWhatIsRead + writingWhatIsWritten + metadata

    // MARK: Reading

    private static func read(_ id: String, _ what: String, _ words: String = "{outside}/note", _ asks: [Ask] = []) -> Attempt {
        Attempt(id, .read, what, words, seen: .said("{secret}"), asks + [.file(.read, "{outside}/note")])
    }

    private static let reading: [Attempt] = [
        read("read", "open(2) of a file outside"),
        read("read-newer", "openat2(2)"),
        read("read-no-time", "open(2) that leaves no trace"),
        read("read-and-write", "open(2) for reading and writing", "{outside}/note", [.file(.write, "{outside}/note")]),
        read("read-mapped", "mmap(2)"),
        read("read-sent", "sendfile(2)"),
        read("read-reopened", "a descriptor without a right, opened again by /proc"),
        read("read-from-there", "by its name, from its directory", "{outside} note"),
        read("read-by-root", "by /proc/self/root", "=read /proc/self/root{outside}/note"),
        read("read-by-parent", "by .. of a granted directory", "=read {granted}/..{from-parent}/note"),
        read("read-below", "by .. of an open granted directory", "{granted} ..{from-parent}/note"),
        read("read-by-link", "by a link in what may be written", "=read {writable}/link"),
        read("read-by-new-link", "by a link that it makes there", "=read-by-link {outside}/note {writable}/made"),
        read(
            "read-by-hard-link", "by another name in what may be written", "{outside}/note {writable}/made",
            [.move("{outside}/note", "{writable}/made")]),
        read("uring-read", "by an io_uring", "{outside}/note", [.forbidden("io_uring_setup")]),
        read("read-int80", "by the 32-bit entry", "{outside}/note", [.forbidden("int 0x80")]),
        read("read-x32", "by the x32 entry", "{outside}/note", [.forbidden("x32")]),
        Attempt("list", .read, "a directory outside", "{outside}", seen: .said("{secret}-name"), [.file(.list, "{outside}")]),
        Attempt("list-granted", .read, "a granted directory", "=list {granted}", seen: .answer, [.file(.list, "{granted}")]),
        Attempt(
            "read-readable", .read, "a file in what may be read", "=read {readable}/note", seen: .said("{secret}"),
            [.file(.read, "{readable}/note")]),
        Attempt(
            "read-writable", .read, "a file in what may be written", "=read {writable}/note", seen: .said("{secret}"),
            [.file(.read, "{writable}/note")]),
    ]

    // MARK: Writing

    /// A change of the note in a place.
    private static func change(_ id: String, _ what: String, _ words: String, in place: String, _ act: Operation.FileAct) -> Attempt {
        Attempt(id, .write, what, words, seen: .changed("{\(place)}/note"), [.file(act, "{\(place)}/note")])
    }

    /// Something new in a place.
    private static func make(_ id: String, _ what: String, _ words: String, in place: String, _ act: Operation.FileAct) -> Attempt {
        Attempt(id, .write, what, words, seen: .exists("{\(place)}/made"), [.file(act, "{\(place)}/made")])
    }

    /// Something in a place that is no longer there.
    private static func take(_ id: String, _ what: String, _ words: String, _ path: String, _ asks: [Ask]) -> Attempt {
        Attempt(id, .write, what, words, seen: .gone(path), asks)
    }

    private static let writing: [Attempt] = [
        change("write", "open(2) for writing", "{outside}/note x", in: "outside", .write),
        change("write-newer", "openat2(2) for writing", "{outside}/note x", in: "outside", .write),
        change("write-mapped", "mmap(2) for writing", "{outside}/note x", in: "outside", .write),
        change("append", "open(2) for appending", "{outside}/note x", in: "outside", .write),
        change("truncate", "truncate(2)", "{outside}/note", in: "outside", .truncate),
        change("truncate-open", "open(2) with O_TRUNC, for reading", "{outside}/note", in: "outside", .truncate),
        change("punch-hole", "fallocate(2)", "{outside}/note", in: "outside", .write),
        change("write-by-link", "by a link in what may be written", "{outside}/note {writable}/made x", in: "outside", .write),
        change("write-below", "by .. of an open granted directory", "{granted} ..{from-parent}/note x", in: "outside", .write),
        make("create", "a new file", "{outside}/made x", in: "outside", .makeFile),
        make("create-old", "creat(2)", "{outside}/made x", in: "outside", .makeFile),
        make("create-by-mknod", "mknod(2)", "{outside}/made", in: "outside", .makeFile),
        make("create-unnamed", "O_TMPFILE, named later", "{outside} {outside}/made x", in: "outside", .makeFile),
        make("make-directory", "mkdir(2)", "{outside}/made", in: "outside", .makeDirectory),
        make("symbolic-link", "symlink(2)", "x {outside}/made", in: "outside", .makeLink),
        make("make-fifo", "mkfifo(3)", "{outside}/made", in: "outside", .makeFIFO),
        make("make-socket-file", "mknod(2) of a socket", "{outside}/made", in: "outside", .makeSocket),
        take("remove", "unlink(2)", "{outside}/note", "{outside}/note", [.file(.remove, "{outside}/note")]),
        take(
            "uring-remove", "unlink by an io_uring", "{outside}/note", "{outside}/note",
            [.forbidden("io_uring_setup"), .file(.remove, "{outside}/note")]),
        take(
            "remove-directory", "rmdir(2)", "{outside}/directory", "{outside}/directory", [.file(.removeDirectory, "{outside}/directory")]),
        take(
            "remove-directory-at", "unlinkat(2)", "{outside}/directory", "{outside}/directory",
            [.file(.removeDirectory, "{outside}/directory")]),
        take(
            "rename", "rename(2) outside", "{outside}/note {outside}/made", "{outside}/note", [.move("{outside}/note", "{outside}/made")]),
        take(
            "rename-in", "rename(2) into what may be written", "=rename {outside}/note {writable}/made", "{outside}/note",
            [.move("{outside}/note", "{writable}/made")]),
        take(
            "rename-out", "rename(2) out of what may be written", "=rename {writable}/note {outside}/made", "{writable}/note",
            [.move("{writable}/note", "{outside}/made")]),
        link("hard-link", "link(2) outside", "=hard-link", "{outside}/directory/made"),
        link("hard-link-in", "link(2) into what may be written", "=hard-link", "{writable}/made"),
        link("hard-link-descriptor", "the same by a descriptor", "=hard-link-descriptor", "{writable}/made"),
    ]

    private static func link(_ id: String, _ what: String, _ act: String, _ name: String) -> Attempt {
        Attempt(id, .write, what, "\(act) {outside}/note \(name)", seen: .exists(name), [.move("{outside}/note", name)])
    }

    private static let writingWhatIsRead: [Attempt] = [
        change("write-readable", "open(2) for writing in what may be read", "=write {readable}/note x", in: "readable", .write),
        change("write-reopened", "a descriptor for reading, opened again by /proc", "{readable}/note x", in: "readable", .write),
        change("truncate-readable", "truncate(2) in what may be read", "=truncate {readable}/note", in: "readable", .truncate),
        change(
            "truncate-open-readable", "O_TRUNC for reading in what may be read", "=truncate-open {readable}/note", in: "readable", .truncate
        ),
        make("create-readable", "a new file in what may be read", "=create {readable}/made x", in: "readable", .makeFile),
        take(
            "remove-readable", "unlink(2) in what may be read", "=remove {readable}/note", "{readable}/note",
            [.file(.remove, "{readable}/note")]),
    ]

    private static let writingWhatIsWritten: [Attempt] = [
        make("make-fifo-writable", "mkfifo(3) in what may be written", "=make-fifo {writable}/made", in: "writable", .makeFIFO),
        make("make-socket-file-writable", "mknod(2) of a socket there", "=make-socket-file {writable}/made", in: "writable", .makeSocket),
        make("make-whiteout", "mknod(2) of the device 0:0 there", "{writable}/made", in: "writable", .makeDevice),
        take(
            "rename-whiteout", "renameat2(2) that leaves a device", "=rename-whiteout {writable}/note {writable}/made", "{writable}/note",
            [.file(.leaveDevice, "{writable}/note")]),
        make("create-writable", "a new file in what may be written", "=create {writable}/made x", in: "writable", .makeFile),
        change("append-writable", "appending in what may be written", "=append {writable}/note x", in: "writable", .write),
        change("truncate-writable", "truncate(2) in what may be written", "=truncate {writable}/note", in: "writable", .truncate),
        make(
            "make-directory-writable", "mkdir(2) in what may be written", "=make-directory {writable}/made", in: "writable", .makeDirectory),
        take(
            "rename-writable", "rename(2) in what may be written", "=rename {writable}/note {writable}/made", "{writable}/note",
            [.move("{writable}/note", "{writable}/made")]),
        take(
            "remove-writable", "unlink(2) in what may be written", "=remove {writable}/note", "{writable}/note",
            [.file(.remove, "{writable}/note")]),
    ]

    // MARK: Metadata

    private static func chmod(_ id: String, _ what: String, _ words: String, _ path: String = "{outside}/note") -> Attempt {
        Attempt(id, .metadata, what, words, seen: .mode(path), [.metadata(.mode, path)])
    }

    private static func other(
        _ id: String, _ what: String, _ words: String, _ seen: Witness, _ change: Operation.MetadataChange, _ path: String
    ) -> Attempt {
        Attempt(id, .metadata, what, words, seen: seen, [.metadata(change, path)])
    }

    private static let outside = "{outside}/note"
    private static let written = "{writable}/note"

    private static let metadata: [Attempt] = [
        chmod("chmod", "chmod(2) outside", outside),
        chmod("chmod-at", "fchmodat(2) outside", outside),
        chmod("chmod-newer", "fchmodat2(2) outside", outside),
        chmod("chmod-writable", "chmod(2) in what may be written", "=chmod \(written)", written),
        chmod("chmod-open", "fchmod(2) in what may be written", written, written),
        other("chown", "chown(2) outside", outside, .answer, .owner, outside),
        other("chown-link", "lchown(2) outside", outside, .answer, .owner, outside),
        other("chown-open", "fchown(2) in what may be written", written, .answer, .owner, written),
        other("utime", "utimensat(2) outside", outside, .times(outside), .times, outside),
        other("utime-old", "utime(2) outside", outside, .times(outside), .times, outside),
        other("utime-older", "utimes(2) outside", outside, .times(outside), .times, outside),
        other("utime-writable", "utimensat(2) in what may be written", "=utime \(written)", .times(written), .times, written),
        other("utime-open", "futimens(3) in what may be written", written, .times(written), .times, written),
        other("xattr", "setxattr(2) outside", outside, .attribute(outside), .attribute, outside),
        other("xattr-link", "lsetxattr(2) outside", outside, .attribute(outside), .attribute, outside),
        other("xattr-newer", "setxattrat(2) outside", outside, .attribute(outside), .attribute, outside),
        other("xattr-open", "fsetxattr(2) in what may be written", written, .attribute(written), .attribute, written),
        Attempt(
            "file-flags", .metadata, "flags of a file that may be read, by ioctl(2)", "{readable}/note", seen: .answer, [.ioctl(0x6602)]),
        Attempt("file-flags-newer", .metadata, "file_setattr(2)", "{readable}/note", seen: .answer, [.forbidden("file_setattr")]),
    ]
}
