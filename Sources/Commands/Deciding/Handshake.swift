import Gate
import MCP
import StrictJSON

/// The beginning of a session whose client and server declare all that there is: only the policy is left to decide.
enum Handshake {
    static let clientCapabilities: JSON = [
        "roots": ["listChanged": true], "sampling": ["tools": [:], "context": [:]], "elicitation": ["form": [:], "url": [:]],
        "tasks": ["list": [:], "cancel": [:], "requests": ["sampling": ["createMessage": [:]], "elicitation": ["create": [:]]]],
    ]

    private static let serverCapabilities: JSON = [
        "tools": ["listChanged": true], "resources": ["subscribe": true, "listChanged": true], "prompts": ["listChanged": true],
        "logging": [:], "completions": [:], "tasks": ["list": [:], "cancel": [:], "requests": ["tools": ["call": [:]]]],
    ]

    private static let version = JSON.string(ProtocolVersion.november2025.rawValue)

    private static let lines: [(Side, JSON)] = [
        (
            .client,
            [
                "jsonrpc": "2.0", "id": 0, "method": "initialize",
                "params": [
                    "protocolVersion": version, "capabilities": clientCapabilities, "clientInfo": ["name": "sandboxctl", "version": "0"],
                ],
            ]
        ),
        (
            .server,
            [
                "jsonrpc": "2.0", "id": 0,
                "result": [
                    "protocolVersion": version, "capabilities": serverCapabilities, "serverInfo": ["name": "none", "version": "0"],
                ],
            ]
        ),
        (.client, ["jsonrpc": "2.0", "method": "notifications/initialized"]),
    ]

    /// Takes a gate through it.
    static func perform(_ gate: inout GateState) {
        for (side, line) in lines {
            var turn = GateTurn()
            gate.step(side, line: line.encoded().span, now: 1, into: &turn)
            gate.finish(&turn)
        }
    }
}
