import ControlProtocol

/// Pins, for people.
enum PinText {
    /// A pin with its definitions.
    struct Shown {
        let pin: PinSummary
        let accepted: String?
        let told: String?
    }

    static func list(_ pins: [PinSummary]) -> String {
        guard !pins.isEmpty else { return "no server has said anything of itself yet\n" }
        return pins.map { pin in "\(Escaping.line(pin.id))  \(pin.state.rawValue)  \(subject(pin)), \(origin(pin))\n" }.joined()
    }

    /// Which thing of which server.
    static func subject(_ pin: PinSummary) -> String {
        let thing = pin.kind == "instructions" ? "the instructions" : "the \(Escaping.line(kind(pin.kind))) \(Escaping.quoted(pin.name))"
        return "\(thing) of \(Escaping.quoted(pin.server)) under \(Escaping.quoted(pin.policy)), uid \(pin.caller)"
    }

    private static func kind(_ kind: String) -> String { kind == "resourceTemplate" ? "resource template" : kind }

    private static func origin(_ pin: PinSummary) -> String {
        guard pin.accepted != nil else { return "nothing accepted" }
        return pin.by.map { "accepted by uid \($0)" } ?? "accepted when it was first seen"
    }

    static func whole(_ shown: Shown, _ style: Style) -> String {
        let pin = shown.pin
        var lines = [style(.strong, "\(Escaping.line(pin.id)): \(subject(pin))"), "\(pin.state.rawValue), \(origin(pin))"]
        switch (shown.accepted, shown.told) {
        case (let accepted?, let told?) where accepted == told:
            lines += ["what was first seen, and nobody has reviewed"] + DefinitionText.lines(told).map { "  " + $0 }
        case (let accepted?, let told?): lines += DefinitionText.difference(from: accepted, to: told, style)
        case (nil, let told?): lines += DefinitionText.lines(told).map { style(.good, "+ " + $0) }
        case (let accepted?, nil): lines += DefinitionText.lines(accepted).map { "  " + $0 }
        case (nil, nil): break
        }
        if shown.told != nil, pin.state != .rejected {
            lines.append("sandboxctl pins accept \(Escaping.line(pin.id))   or   sandboxctl pins reject \(Escaping.line(pin.id))")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
