import Descriptors
import Glibc
import TestSupport
import Testing

@testable import Store

/// The file under the store.
@Suite struct DatabaseTests {
    let scratch: ScratchDirectory
    let path: String

    init() throws {
        scratch = try ScratchDirectory()
        path = scratch.path + "/test.sqlite"
    }

    private func open(_ migrations: [String] = ["CREATE TABLE t (a INTEGER, b TEXT, c BLOB) STRICT"]) throws(StoreError) -> Database {
        try Database(at: path, migrations: migrations)
    }

    @Test("what was written is read again, in every type")
    func roundTrip() throws {
        try open().run("INSERT INTO t VALUES (?, ?, ?)", [7, "ü\u{0}b", .bytes([0, 255])])
        let rows = try open().rows("SELECT a, b, c FROM t") { (row) throws(StoreError) in
            (try row.integer(0), try row.text(1), try row.bytes(2))
        }
        #expect(rows.map(\.0) == [7] && rows.map(\.1) == ["ü\u{0}b"] && rows.map(\.2) == [[0, 255]])
    }

    @Test("empty and absent values differ")
    func emptyValues() throws {
        let database = try open()
        try database.run("INSERT INTO t VALUES (NULL, ?, ?)", ["", .bytes([])])
        let rows = try database.rows("SELECT a, b, c FROM t") { (row) throws(StoreError) in
            (try row.optionalInteger(0), try row.optionalText(1), try row.bytes(2))
        }
        #expect(rows.count == 1 && rows[0].0 == nil && rows[0].1 == "" && rows[0].2 == [])
    }

    @Test("the file is its owner's alone")
    func permissions() throws {
        let database = try open()
        try database.run("INSERT INTO t VALUES (1, '', x'')")
        for name in ["test.sqlite", "test.sqlite-wal", "test.sqlite-shm"] {
            let status = try WorkingDirectory().status(of: scratch.path + "/" + name)
            #expect(status.permissions == 0o600, "\(name)")
        }
    }

    @Test("a file that others may read, a link and a directory are not opened")
    func foreignFiles() throws {
        _ = try open()
        try WorkingDirectory().open(path).setPermissions(0o644)
        #expect(throws: StoreError.notOurs) { try open() }
        try WorkingDirectory().open(path).setPermissions(0o600)
        _ = try open()
        symlink(path, scratch.path + "/link")
        #expect(throws: StoreError.notOurs) { try Database(at: scratch.path + "/link", migrations: []) }
        try WorkingDirectory().makeDirectory(scratch.path + "/directory")
        #expect(throws: StoreError.notOurs) { try Database(at: scratch.path + "/directory", migrations: []) }
    }

    @Test("each migration runs once, and those of a later version are left alone")
    func migrations() throws {
        _ = try open(["CREATE TABLE a (x)"])
        _ = try open(["CREATE TABLE a (x)", "CREATE TABLE b (x)"])
        try open(["CREATE TABLE a (x)", "CREATE TABLE b (x)"]).run("INSERT INTO b VALUES (1)")
        #expect(throws: StoreError.newer(version: 2)) { try open(["CREATE TABLE a (x)"]) }
    }

    @Test("a migration that fails leaves nothing of itself")
    func failedMigration() throws {
        #expect(throws: StoreError.self) { try open(["CREATE TABLE a (x); CREATE TABLE a (x)"]) }
        _ = try open(["CREATE TABLE a (x)"])
    }

    @Test("a transaction that throws leaves nothing of itself")
    func rollback() throws {
        let database = try open()
        #expect(throws: StoreError.notOurs) {
            try database.transaction { () throws(StoreError) in
                try database.run("INSERT INTO t VALUES (1, '', x'')")
                throw .notOurs
            }
        }
        #expect(try database.rows("SELECT a FROM t") { (row) throws(StoreError) in try row.integer(0) } == [])
    }

    @Test("who is locked out for long is told so")
    func busy() throws {
        let first = try open(), second = try open()
        try first.transaction { () throws(StoreError) in
            let start = Clock.monotonic
            #expect(throws: StoreError.busy) { try second.run("INSERT INTO t VALUES (1, '', x'')") }
            #expect(Clock.monotonic - start < 5_000_000_000)
        }
        try second.run("INSERT INTO t VALUES (1, '', x'')")
    }

    @Test("a call that would not end is ended")
    func endless() throws {
        let database = try open()
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        #expect(throws: StoreError.tooSlow) { try database.rows(endless) { _ throws(StoreError) in } }
        try database.run("INSERT INTO t VALUES (1, '', x'')")
    }

    @Test("bytes that are no database are told, and left as they are")
    func foreignBytes() throws {
        let bytes = [UInt8](repeating: 65, count: 8_192)
        try WorkingDirectory().open(path, [.readWrite, .create]).writeWhole(bytes)
        #expect(throws: StoreError.corrupt) { try open() }
        #expect(try WorkingDirectory().contents(of: path, limit: 1 << 20) == bytes)
    }

    @Test("a page that was damaged is told")
    func damagedPage() throws {
        do {
            let database = try open()
            try database.transaction { () throws(StoreError) in
                for number in 0..<500 {
                    try database.run(
                        "INSERT INTO t VALUES (?, ?, x'')", [.integer(Int64(number)), .text(String(repeating: "x", count: 200))])
                }
            }
        }
        let file = try WorkingDirectory().open(path, .readWrite)
        let junk = [UInt8](repeating: 0xa5, count: 4_096)
        for page in 1...10 { #expect(pwrite(file.number, junk, junk.count, 4_096 * page) == junk.count) }
        #expect(throws: StoreError.corrupt) {
            try open().rows("SELECT a FROM t") { (row) throws(StoreError) in try row.integer(0) }
        }
    }

    @Test("a column of another type was not written by us")
    func foreignColumn() throws {
        let database = try open()
        try database.run("INSERT INTO t VALUES (1, 'x', NULL)")
        #expect(throws: StoreError.corrupt) { try database.rows("SELECT a FROM t") { (row) throws(StoreError) in try row.text(0) } }
        #expect(throws: StoreError.corrupt) { try database.rows("SELECT b FROM t") { (row) throws(StoreError) in try row.integer(0) } }
        #expect(throws: StoreError.corrupt) { try database.rows("SELECT c FROM t") { (row) throws(StoreError) in try row.bytes(0) } }
    }

    @Test("a store that has reached its size is told, keeps what it has, and takes what fits")
    func full() throws {
        let database = try open()
        try database.run("PRAGMA max_page_count=20")
        let large = StoredValue.text(String(repeating: "x", count: 200_000))
        #expect(throws: StoreError.full) { try database.run("INSERT INTO t VALUES (1, ?, x'')", [large]) }
        try database.run("INSERT INTO t VALUES (2, '', x'')")
        #expect(try database.rows("SELECT a FROM t") { (row) throws(StoreError) in try row.integer(0) } == [2])
    }
}
