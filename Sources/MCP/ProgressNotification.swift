import StrictJSON

/// notifications/progress of the gate's own.
public enum ProgressNotification {
    /// One line. `thousandths` grows from one to the next, and stays below what a server begins with.
    public static func append(_ token: RequestID, thousandths: Int, _ message: String, to output: inout [UInt8]) {
        var parameters = JSONWriter()
        parameters.member("progressToken") { token.append(to: &$0) }
        parameters.member("progress", json: fraction(min(max(thousandths, 1), 999)))
        parameters.member("message", message)
        var line = JSONWriter()
        line.member("jsonrpc", "2.0" as StaticString)
        line.member("method", "notifications/progress" as StaticString)
        line.member("params", json: parameters.finish())
        output += line.finish()
        output.append(UInt8(ascii: "\n"))
    }

    private static func fraction(_ thousandths: Int) -> [UInt8] {
        let digits = String(thousandths)
        return Array(("0." + String(repeating: "0", count: 3 - digits.utf8.count) + digits).utf8)
    }
}
