import Evidence
import StrictJSON

extension GateStart {
    /// What is accepted of what the server says of itself.
    public struct Pins: Sendable, Hashable {
        public enum Mode: String, Sendable, Hashable, CaseIterable {
            /// Nothing is held against anything: a policy is proven, and there is no server.
            case off
            /// The first that is seen is accepted.
            case firstSeen = "first-seen"
            /// Only what somebody reviewed is.
            case required
        }

        /// One of its things.
        public struct Definition: Sendable, Hashable {
            public var kind: ToldDefinition.Kind
            public var name: String
            /// SHA-256 of what is accepted; nil while it is quarantined.
            public var digest: [UInt8]?

            public init(_ kind: ToldDefinition.Kind, name: String, digest: [UInt8]?) {
                self.kind = kind
                self.name = name
                self.digest = digest
            }

            var json: JSON { [.string(kind.rawValue), .string(name), digest.map { .string(Hex.encode($0)) } ?? .null] }

            init?(_ json: JSON) {
                guard let parts = json.array, parts.count == 3, let kind = parts[0].string.flatMap(ToldDefinition.Kind.init(rawValue:)),
                    let name = parts[1].string
                else { return nil }
                let digest = parts[2].string.flatMap { Hex.decode($0) }
                guard parts[2].isNull || digest?.count == 32 else { return nil }
                self.init(kind, name: name, digest: digest)
            }
        }

        public var mode: Mode
        public var definitions: [Definition]

        public init(_ mode: Mode, _ definitions: [Definition] = []) {
            self.mode = mode
            self.definitions = definitions
        }

        public static let off = Pins(.off)

        var json: JSON { ["mode": .string(mode.rawValue), "definitions": .array(definitions.map(\.json))] }

        init?(_ json: JSON) {
            guard let mode = json["mode"]?.string.flatMap(Mode.init(rawValue:)), let list = json["definitions"]?.array else { return nil }
            let definitions = list.compactMap(Definition.init)
            guard definitions.count == list.count else { return nil }
            self.init(mode, definitions)
        }
    }
}
