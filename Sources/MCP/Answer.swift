import StrictJSON

/// Messages that the gate writes itself, each as one line.
public enum Answer {
    /// A JSON-RPC error. `id` nil: the request's id could not be read.
    public static func error(
        _ code: ErrorCode, _ message: String, data: [UInt8]?, to id: RequestID?, unknownID: UnknownID, into output: inout [UInt8]
    ) {
        var error = JSONWriter()
        error.member("code", code.value)
        error.member("message", message)
        if let data { error.member("data", json: data) }
        write(id, unknownID, "error", error.finish(), into: &output)
    }

    /// A tool result that says to the model that its call was not done. Clients of the modern era need `resultType`; earlier
    /// ones do not know it.
    public static func denial(_ text: String, meta: [UInt8], to id: RequestID, era: Era, into output: inout [UInt8]) {
        var item = JSONWriter()
        item.member("type", "text" as StaticString)
        item.member("text", text)
        var result = JSONWriter()
        if era == .modern { result.member("resultType", "complete" as StaticString) }
        result.member("content", json: [UInt8(ascii: "[")] + item.finish() + [UInt8(ascii: "]")])
        result.member("isError", true)
        result.member("_meta", json: meta)
        write(id, .absent, "result", result.finish(), into: &output)
    }

    private static func write(
        _ id: RequestID?, _ unknownID: UnknownID, _ name: StaticString, _ body: [UInt8], into output: inout [UInt8]
    ) {
        var line = JSONWriter()
        line.member("jsonrpc", "2.0" as StaticString)
        if let id {
            line.member("id") { id.append(to: &$0) }
        } else if unknownID == .null {
            line.member("id", json: Array("null".utf8))
        }
        line.member(name, json: body)
        output += line.finish()
        output.append(UInt8(ascii: "\n"))
    }
}
