import CYaml

/// libyaml's event interface (yaml_parser_parse(3)): one owner of the parser and of a copy of the bytes, both at stable addresses.
struct YAMLEvents: ~Copyable {
    struct Mark: Sendable, Hashable {
        /// From 0, in Unicode scalars.
        var line: Int
        var column: Int
    }

    enum Kind: Sendable, Equatable {
        case streamStart, streamEnd, documentEnd, alias, sequenceEnd, mappingEnd
        case documentStart(hasTagDirectives: Bool)
        case scalar(YAMLScalar)
        case sequenceStart, mappingStart
    }

    struct Event: Sendable, Equatable {
        var kind: Kind
        var start: Mark
        var end: Mark
        var hasAnchor = false
        var hasTag = false
    }

    /// What libyaml says about a text that is not YAML.
    struct Failure: Error, Sendable, Hashable {
        var problem: String
        var mark: Mark
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        precondition(yaml_parser_initialize(parser) == 1, "out of memory")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// yaml_parser_parse(3), with what the event holds copied out.
    func next() throws(Failure) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
        defer { yaml_event_delete(&event) }
        return Self.copy(event)
    }

    private var failure: Failure {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "unreadable"
        let context = parser.pointee.context.map { " (\(String(cString: $0)))" } ?? ""
        return Failure(problem: problem + context, mark: Self.mark(parser.pointee.problem_mark))
    }

    private static func mark(_ mark: yaml_mark_t) -> Mark { Mark(line: Int(mark.line), column: Int(mark.column)) }

    private static func copy(_ event: yaml_event_t) -> Event {
        let make = { (kind: Kind, anchor: Bool, tag: Bool) in
            Event(kind: kind, start: mark(event.start_mark), end: mark(event.end_mark), hasAnchor: anchor, hasTag: tag)
        }
        switch event.type {
        case YAML_STREAM_START_EVENT: return make(.streamStart, false, false)
        case YAML_DOCUMENT_START_EVENT:
            let directives = event.data.document_start.tag_directives
            return make(.documentStart(hasTagDirectives: directives.start != directives.end), false, false)
        case YAML_DOCUMENT_END_EVENT: return make(.documentEnd, false, false)
        case YAML_ALIAS_EVENT: return make(.alias, false, false)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            return make(.scalar(copy(scalar.value, scalar.length, scalar.style)), scalar.anchor != nil, scalar.tag != nil)
        case YAML_SEQUENCE_START_EVENT:
            return make(.sequenceStart, event.data.sequence_start.anchor != nil, event.data.sequence_start.tag != nil)
        case YAML_SEQUENCE_END_EVENT: return make(.sequenceEnd, false, false)
        case YAML_MAPPING_START_EVENT:
            return make(.mappingStart, event.data.mapping_start.anchor != nil, event.data.mapping_start.tag != nil)
        case YAML_MAPPING_END_EVENT: return make(.mappingEnd, false, false)
        default: return make(.streamEnd, false, false)
        }
    }

    private static func copy(_ value: UnsafeMutablePointer<yaml_char_t>?, _ length: Int, _ style: yaml_scalar_style_t) -> YAMLScalar {
        let bytes = UnsafeBufferPointer(start: value, count: value == nil ? 0 : length)
        return YAMLScalar(String(decoding: bytes, as: UTF8.self), isPlain: style == YAML_PLAIN_SCALAR_STYLE)
    }
}
