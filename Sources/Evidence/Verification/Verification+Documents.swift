import Descriptors

extension Verification {
    /// What is kept must be what its name says; what receipts name and is not kept is counted: logs were kept without documents once.
    mutating func checkDocuments(_ directory: borrowing OwnedDescriptor) {
        var missing = census.digests
        defer { report.documentsAbsent = missing.count }
        do {
            let documents = try directory.open(LogFiles.documents, .directory)
            for name in try documents.names() { missing.remove(checkDocument(name, documents) ?? Digest()) }
        } catch {
            if error != .noEntry { add(.unreadable(error), LogFiles.documents) }
        }
    }

    /// The digest that a file is named by; nil where there is none.
    private mutating func checkDocument(_ name: [UInt8], _ documents: borrowing OwnedDescriptor) -> Digest? {
        let text = String(decoding: name, as: UTF8.self)
        if text.utf8.elementsEqual(Documents.unfinished.utf8) { return nil }
        guard let digest = Digest(hex: text) else {
            add(.foreignFile, "\(LogFiles.documents)/\(text)")
            return nil
        }
        do throws(Errno) {
            guard let bytes = try documents.contents(of: name, limit: Documents.limit) else { throw .fileTooLarge }
            if SHA256.digest(bytes) != digest { add(.documentMismatch, "\(LogFiles.documents)/\(text)") }
            report.documents += 1
        } catch {
            add(.unreadable(error), "\(LogFiles.documents)/\(text)")
        }
        return digest
    }
}
