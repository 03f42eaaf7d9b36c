extension JSONTape {
    /// Appends the form of RFC 8785 of a subtree, as `JSON.canonical` does. After an error `output` is as it was.
    public mutating func canonicalize(
        _ node: JSONNode = .root, rounding: JSONRounding = .refused, into output: inout [UInt8]
    ) throws(JSONCanonicalError) {
        let length = output.count
        var names = order
        order = []
        defer { order = names }
        names.removeAll(keepingCapacity: true)
        do {
            try writeCanonical(Int(node.index), rounding, &names, &output)
        } catch {
            output.removeLast(output.count - length)
            throw error
        }
    }

    private func writeCanonical(
        _ index: Int, _ rounding: JSONRounding, _ names: inout [UInt32], _ output: inout [UInt8]
    ) throws(JSONCanonicalError) {
        let entry = entries[index]
        switch entry.kind {
        case .null, .false, .true: output.append(contentsOf: source.span, Int(entry.start), Int(entry.end))
        case .string: writeString(entry, &output)
        case .number:
            let token = source.span.extracting(Int(entry.start)..<Int(entry.end))
            try CanonicalNumber.append(token, rounding: rounding, to: &output)
        case .array: try writeCanonicalElements(index, rounding, &names, &output)
        case .object: try writeCanonicalMembers(index, rounding, &names, &output)
        }
    }

    private func writeCanonicalElements(
        _ index: Int, _ rounding: JSONRounding, _ names: inout [UInt32], _ output: inout [UInt8]
    ) throws(JSONCanonicalError) {
        output.append(UInt8(ascii: "["))
        var cursor = firstChild(of: JSONNode(index))
        while let element = cursor {
            if Int(element.index) != index + 1 { output.append(UInt8(ascii: ",")) }
            try writeCanonical(Int(element.index), rounding, &names, &output)
            cursor = nextElement(after: element)
        }
        output.append(UInt8(ascii: "]"))
    }

    private func writeCanonicalMembers(
        _ index: Int, _ rounding: JSONRounding, _ names: inout [UInt32], _ output: inout [UInt8]
    ) throws(JSONCanonicalError) {
        let base = names.count
        appendSortedNames(of: index, to: &names)
        let end = names.count
        output.append(UInt8(ascii: "{"))
        for position in base..<end {
            let name = Int(names[position])
            if position > base { output.append(UInt8(ascii: ",")) }
            writeString(entries[name], &output)
            output.append(UInt8(ascii: ":"))
            try writeCanonical(name + 1, rounding, &names, &output)
        }
        output.append(UInt8(ascii: "}"))
        names.removeLast(end - base)
    }

    private func appendSortedNames(of index: Int, to names: inout [UInt32]) {
        let base = names.count
        var cursor = firstChild(of: JSONNode(index))
        while let name = cursor {
            names.append(UInt32(name.index))
            cursor = nextName(after: name)
        }
        names.withUnsafeMutableBufferPointer { all in
            var own = UnsafeMutableBufferPointer(rebasing: all[base...])
            own.sort { StringReader.precedes(entries[Int($0)], entries[Int($1)], source.span) }
        }
    }
}

extension StringReader {
    /// Whether one string entry sorts before another by UTF-16 code units.
    static func precedes(_ left: JSONTape.Entry, _ right: JSONTape.Entry, _ bytes: Span<UInt8>) -> Bool {
        guard left.isEscaped || right.isEscaped else {
            let leftName = bytes.extracting(Int(left.start)..<Int(left.end))
            return UTF16Order.precedes(leftName, bytes.extracting(Int(right.start)..<Int(right.end)))
        }
        var leftReader = StringReader(left), rightReader = StringReader(right)
        while let rightByte = rightReader.next(bytes) {
            guard let leftByte = leftReader.next(bytes) else { return true }
            if leftByte != rightByte { return UTF16Order.rank(leftByte) < UTF16Order.rank(rightByte) }
        }
        return false
    }
}
