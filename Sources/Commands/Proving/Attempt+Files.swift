import KernelPlan
import Policy

extension Attempt {
    static let files: [Attempt] = reading + writing + permittedWriting + metadata

    private static let reading: [Attempt] = [
        Attempt("read", .read, "a file outside", "read {outside}/note", seen: .said("{secret}")) { [$0.file(.read, "{outside}/note")] },
        Attempt("read-by-root", .read, "a file outside, by /proc/self/root", "read /proc/self/root{outside}/note", seen: .said("{secret}")) { [$0.file(.read, "{outside}/note")] },
        Attempt("read-by-parent", .read, "a file outside, by ..", "read {granted}/..{from-parent}/note", seen: .said("{secret}")) { [$0.file(.read, "{outside}/note")] },
        Attempt("read-by-link", .read, "a file outside, by a link in what may be written", "read {writable}/link", seen: .said("{secret}")) { [$0.file(.read, "{outside}/note")] },
        Attempt("list", .read, "a directory outside", "list {outside}", seen: .said("{secret}-name")) { [$0.file(.list, "{outside}")] },
        Attempt("list-granted", .read, "a granted directory", "list {granted}", seen: .answer) { [$0.file(.list, "{granted}")] },
        Attempt("read-readable", .read, "a file in what may be read", "read {readable}/note", seen: .said("{secret}")) { [$0.file(.read, "{readable}/note")] },
        Attempt("read-writable", .read, "a file in what may be written", "read {writable}/note", seen: .said("{secret}")) { [$0.file(.read, "{writable}/note")] },
    ]

    private static let writing: [Attempt] = [
        Attempt("write", .write, "open(2) for writing", "write {outside}/note x", seen: .changed("{outside}/note")) { [$0.file(.write, "{outside}/note")] },
        Attempt("append", .write, "open(2) for appending", "append {outside}/note x", seen: .changed("{outside}/note")) { [$0.file(.write, "{outside}/note")] },
        Attempt("truncate", .write, "truncate(2)", "truncate {outside}/note", seen: .changed("{outside}/note")) { [$0.file(.truncate, "{outside}/note")] },
        Attempt("truncate-open", .write, "open(2) with O_TRUNC, for reading", "truncate-open {outside}/note", seen: .changed("{outside}/note")) { [$0.file(.truncate, "{outside}/note")] },
        Attempt("create", .write, "a new file", "create {outside}/made x", seen: .exists("{outside}/made")) { [$0.file(.makeFile, "{outside}/made")] },
        Attempt("remove", .write, "unlink(2)", "remove {outside}/note", seen: .gone("{outside}/note")) { [$0.file(.remove, "{outside}/note")] },
        Attempt("rename", .write, "rename(2) outside", "rename {outside}/note {outside}/made", seen: .gone("{outside}/note")) { [$0.move("{outside}/note", "{outside}/made")] },
        Attempt("rename-in", .write, "rename(2) from outside into what may be written", "rename {outside}/note {writable}/made", seen: .gone("{outside}/note")) { [$0.move("{outside}/note", "{writable}/made")] },
        Attempt("rename-out", .write, "rename(2) out of what may be written", "rename {writable}/note {outside}/made", seen: .exists("{outside}/made")) { [$0.move("{writable}/note", "{outside}/made")] },
        Attempt("hard-link", .write, "link(2) outside", "hard-link {outside}/note {outside}/directory/made", seen: .exists("{outside}/directory/made")) { [$0.move("{outside}/note", "{outside}/directory/made")] },
        Attempt("hard-link-in", .write, "link(2) of a file outside into what may be written", "hard-link {outside}/note {writable}/made", seen: .exists("{writable}/made")) { [$0.move("{outside}/note", "{writable}/made")] },
        Attempt("make-directory", .write, "mkdir(2)", "make-directory {outside}/made", seen: .exists("{outside}/made")) { [$0.file(.makeDirectory, "{outside}/made")] },
        Attempt("remove-directory", .write, "rmdir(2)", "remove-directory {outside}/directory", seen: .gone("{outside}/directory")) { [$0.file(.removeDirectory, "{outside}/directory")] },
        Attempt("symbolic-link", .write, "symlink(2)", "symbolic-link x {outside}/made", seen: .exists("{outside}/made")) { [$0.file(.makeLink, "{outside}/made")] },
        Attempt("make-fifo", .write, "mkfifo(3)", "make-fifo {outside}/made", seen: .exists("{outside}/made")) { [$0.file(.makeFIFO, "{outside}/made")] },
        Attempt("write-readable", .write, "open(2) for writing in what may be read", "write {readable}/note x", seen: .changed("{readable}/note")) { [$0.file(.write, "{readable}/note")] },
        Attempt("truncate-readable", .write, "truncate(2) in what may be read", "truncate {readable}/note", seen: .changed("{readable}/note")) { [$0.file(.truncate, "{readable}/note")] },
        Attempt("truncate-open-readable", .write, "O_TRUNC for reading in what may be read", "truncate-open {readable}/note", seen: .changed("{readable}/note")) { [$0.file(.truncate, "{readable}/note")] },
        Attempt("create-readable", .write, "a new file in what may be read", "create {readable}/made x", seen: .exists("{readable}/made")) { [$0.file(.makeFile, "{readable}/made")] },
        Attempt("remove-readable", .write, "unlink(2) in what may be read", "remove {readable}/note", seen: .gone("{readable}/note")) { [$0.file(.remove, "{readable}/note")] },
        Attempt("make-fifo-writable", .write, "mkfifo(3) in what may be written", "make-fifo {writable}/made", seen: .exists("{writable}/made")) { [$0.file(.makeFIFO, "{writable}/made")] },
    ]

    private static let permittedWriting: [Attempt] = [
        Attempt("create-writable", .write, "a new file in what may be written", "create {writable}/made x", seen: .exists("{writable}/made")) { [$0.file(.makeFile, "{writable}/made")] },
        Attempt("append-writable", .write, "appending in what may be written", "append {writable}/note x", seen: .changed("{writable}/note")) { [$0.file(.write, "{writable}/note")] },
        Attempt("truncate-writable", .write, "truncate(2) in what may be written", "truncate {writable}/note", seen: .changed("{writable}/note")) { [$0.file(.truncate, "{writable}/note")] },
        Attempt("rename-writable", .write, "rename(2) in what may be written", "rename {writable}/note {writable}/made", seen: .gone("{writable}/note")) { [$0.move("{writable}/note", "{writable}/made")] },
        Attempt("remove-writable", .write, "unlink(2) in what may be written", "remove {writable}/note", seen: .gone("{writable}/note")) { [$0.file(.remove, "{writable}/note")] },
        Attempt("make-directory-writable", .write, "mkdir(2) in what may be written", "make-directory {writable}/made", seen: .exists("{writable}/made")) { [$0.file(.makeDirectory, "{writable}/made")] },
    ]

    private static let metadata: [Attempt] = [
        Attempt("chmod", .metadata, "chmod(2) outside", "chmod {outside}/note", seen: .mode("{outside}/note")) { [$0.metadata(.mode, "{outside}/note")] },
        Attempt("chown", .metadata, "chown(2) outside", "chown {outside}/note", seen: .answer) { [$0.metadata(.owner, "{outside}/note")] },
        Attempt("utime", .metadata, "utimensat(2) outside", "utime {outside}/note", seen: .times("{outside}/note")) { [$0.metadata(.times, "{outside}/note")] },
        Attempt("xattr", .metadata, "setxattr(2) outside", "xattr {outside}/note", seen: .attribute("{outside}/note")) { [$0.metadata(.attribute, "{outside}/note")] },
        Attempt("chmod-writable", .metadata, "chmod(2) in what may be written", "chmod {writable}/note", seen: .mode("{writable}/note")) { [$0.metadata(.mode, "{writable}/note")] },
        Attempt("utime-writable", .metadata, "utimensat(2) in what may be written", "utime {writable}/note", seen: .times("{writable}/note")) { [$0.metadata(.times, "{writable}/note")] },
    ]
}
