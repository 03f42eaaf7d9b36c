import Policy
import StrictJSON

extension ClauseReader {
    static func tests(_ node: YAMLNode?) -> [PolicyTest] { (node?.items ?? []).compactMap(test) }

    private static func test(_ node: YAMLNode) -> PolicyTest? {
        guard let expected = node["expect"]?.text, let subject = subject(node) else { return nil }
        return PolicyTest(subject, expected: expected, location: node.location)
    }

    private static func subject(_ node: YAMLNode) -> PolicyTest.Subject? {
        guard let call = node["call"]?.items else { return node["act"]?.text.map { .act($0) } }
        guard let tool = call.first?.text else { return nil }
        return .call(tool: tool, arguments: call.count > 1 ? text(call[1]) : JSONText(json: Array("{}".utf8)))
    }
}
