/// Makes one format of receipts, one after another. Pure: bytes come out, nothing is written or read.
protocol ReceiptExport {
    /// What is written for a receipt as soon as it is read.
    mutating func take(_ receipt: ExportedReceipt) throws(ExportProblem) -> [UInt8]

    /// What is written when all were read.
    mutating func finish() throws(ExportProblem) -> [UInt8]

    /// What a person must know of it: things that were left out.
    var remarks: [String] { get }
}

extension ReceiptExport {
    var remarks: [String] { [] }
}
