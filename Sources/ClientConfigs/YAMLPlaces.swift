import CYaml

/// libyaml's events (yaml_parser_parse(3)), each with the bytes that it stands on.
struct YAMLPlaces: ~Copyable {
    enum Kind {
        case other, documentStart, streamEnd, alias, listEnd, tableEnd
        case scalar(String, isPlain: Bool)
        case listStart(isBlock: Bool)
        case tableStart(isBlock: Bool)
    }

    struct Event {
        let kind: Kind
        let span: Range<Int>
        /// An anchor or a tag.
        let isMarked: Bool
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    /// libyaml counts scalars: where each begins, and where the text ends.
    private let offsets: [Int]

    init(_ bytes: [UInt8], from start: Int) {
        offsets = (start..<bytes.count).filter { bytes[$0] & 0xC0 != 0x80 } + [bytes.count]
        input = .allocate(capacity: max(1, bytes.count - start))
        _ = input.initialize(from: bytes[start...])
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        precondition(yaml_parser_initialize(parser) == 1, "out of memory")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count - start)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    func next() throws(ConfigProblem) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else {
            let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it is not YAML"
            throw ConfigProblem(.notYAML(problem), at: offset(parser.pointee.problem_mark))
        }
        defer { yaml_event_delete(&event) }
        let span = offset(event.start_mark)..<max(offset(event.start_mark), offset(event.end_mark))
        return Event(kind: Self.kind(event), span: span, isMarked: Self.isMarked(event))
    }

    private func offset(_ mark: yaml_mark_t) -> Int { offsets[min(Int(mark.index), offsets.count - 1)] }

    private static func kind(_ event: yaml_event_t) -> Kind {
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_ALIAS_EVENT: return .alias
        case YAML_SEQUENCE_START_EVENT: return .listStart(isBlock: event.data.sequence_start.style != YAML_FLOW_SEQUENCE_STYLE)
        case YAML_SEQUENCE_END_EVENT: return .listEnd
        case YAML_MAPPING_START_EVENT: return .tableStart(isBlock: event.data.mapping_start.style != YAML_FLOW_MAPPING_STYLE)
        case YAML_MAPPING_END_EVENT: return .tableEnd
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.value == nil ? 0 : scalar.length)
            return .scalar(String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        default: return .other
        }
    }

    private static func isMarked(_ event: yaml_event_t) -> Bool {
        switch event.type {
        case YAML_SCALAR_EVENT: event.data.scalar.anchor != nil || event.data.scalar.tag != nil
        case YAML_SEQUENCE_START_EVENT: event.data.sequence_start.anchor != nil || event.data.sequence_start.tag != nil
        case YAML_MAPPING_START_EVENT: event.data.mapping_start.anchor != nil || event.data.mapping_start.tag != nil
        default: false
        }
    }
}
