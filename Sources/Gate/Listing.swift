import MCP
import SessionProtocol

/// The lists of which a client is shown only what it may use.
enum Listing {
    case tools, prompts, resources, templates

    /// Nil for what is no list.
    init?(_ method: Method) {
        guard let listing = Self.byMethod[method] else { return nil }
        self = listing
    }

    private static let byMethod: [Method: Listing] = [
        .listTools: .tools, .listPrompts: .prompts, .listResources: .resources, .listResourceTemplates: .templates,
    ]

    /// What its items are when they are held to what was accepted; nil where each is data, and may change.
    var pinned: ToldDefinition.Kind? {
        switch self {
        case .tools: .tool
        case .prompts: .prompt
        case .templates: .resourceTemplate
        case .resources: nil
        }
    }

    /// The member of a result that has the items.
    var items: StaticString {
        switch self {
        case .tools: "tools"
        case .prompts: "prompts"
        case .resources: "resources"
        case .templates: "resourceTemplates"
        }
    }

    /// The member of an item by which it is used.
    var name: StaticString {
        switch self {
        case .tools, .prompts: "name"
        case .resources: "uri"
        case .templates: "uriTemplate"
        }
    }
}
