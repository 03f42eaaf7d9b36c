import StrictJSON

/// The keywords by what they speak of.
extension SchemaCompiler {
    mutating func takeCombination(
        _ keyword: SchemaKeyword.Combination, _ value: JSON, _ rules: inout SchemaCombination, _ place: Place
    ) throws(SchemaProblem) {
        switch keyword {
        case .allOf: rules.all = try schemas(value, place)
        case .anyOf: rules.any = try schemas(value, place)
        case .oneOf: rules.one = try schemas(value, place)
        case .not: rules.not = try schema(value, place)
        case .if: rules.condition = try schema(value, place)
        case .then: rules.consequence = try schema(value, place)
        case .else: rules.alternative = try schema(value, place)
        }
    }

    func takeNumber(
        _ keyword: SchemaKeyword.Number, _ value: JSON, _ rules: inout SchemaNumberRules, _ place: Place
    ) throws(SchemaProblem) {
        guard case .number(let number) = value, number.decimal.isModest else { throw Self.badValue(place) }
        let bound = SchemaNumberRules.Bound(number)
        switch keyword {
        case .minimum: rules.minimum = bound
        case .maximum: rules.maximum = bound
        case .exclusiveMinimum: rules.exclusiveMinimum = bound
        case .exclusiveMaximum: rules.exclusiveMaximum = bound
        case .multipleOf:
            guard bound.decimal.canDivide else { throw Self.badValue(place) }
            rules.divisor = bound
        }
    }

    mutating func takeString(
        _ keyword: SchemaKeyword.Text, _ value: JSON, _ rules: inout SchemaStringRules, _ place: Place
    ) throws(SchemaProblem) {
        switch keyword {
        case .minLength: rules.minimum = try count(value, place)
        case .maxLength: rules.maximum = try count(value, place)
        case .pattern:
            guard let text = value.string else { throw Self.badValue(place) }
            let (exact, folding) = try pattern(text, at: place.pointer)
            (rules.pattern, rules.folding) = (exact, folding)
        case .format:
            guard let word = value.string else { throw Self.badValue(place) }
            guard let format = SchemaFormat(rawValue: word) else { throw SchemaProblem(.unsupportedFormat(word), at: place.pointer) }
            rules.format = format
        }
    }

    mutating func takeArray(
        _ keyword: SchemaKeyword.List, _ value: JSON, _ rules: inout SchemaArrayRules, _ place: Place
    ) throws(SchemaProblem) {
        switch keyword {
        case .minItems: rules.minimum = try count(value, place)
        case .maxItems: rules.maximum = try count(value, place)
        case .uniqueItems:
            guard let isUnique = value.bool else { throw Self.badValue(place) }
            rules.isUnique = isUnique
        case .prefixItems: rules.first = try schemas(value, place)
        case .items: rules.rest = try schema(value, place)
        case .contains: rules.contained = try schema(value, place)
        case .minContains: rules.leastContained = try count(value, place)
        case .maxContains: rules.mostContained = try count(value, place)
        }
    }

    mutating func takeObject(
        _ keyword: SchemaKeyword.Object, _ value: JSON, _ rules: inout SchemaObjectRules, _ place: Place
    ) throws(SchemaProblem) {
        switch keyword {
        case .minProperties: rules.minimum = try count(value, place)
        case .maxProperties: rules.maximum = try count(value, place)
        case .required: rules.required = try names(value, place)
        case .properties: rules.properties = try schemasByName(value, place)
        case .patternProperties: rules.patterns = try patterns(value, place)
        case .additionalProperties: rules.additional = try schema(value, place)
        case .propertyNames: rules.names = try schema(value, place)
        case .dependentRequired: rules.dependencies = try dependencies(value, place)
        case .dependentSchemas: rules.dependentSchemas = try schemasByName(value, place)
        }
    }

    private mutating func patterns(_ value: JSON, _ place: Place) throws(SchemaProblem) -> [SchemaObjectRules.PatternProperty] {
        guard let object = value.object else { throw Self.badValue(place) }
        var found: [SchemaObjectRules.PatternProperty] = []
        for (text, schema) in object.members {
            let pointer = "\(place.pointer)/\(Self.escaped(text))"
            let (exact, folding) = try pattern(text, at: pointer)
            let index = try compile(schema, at: pointer, depth: place.depth + 1)
            found.append(SchemaObjectRules.PatternProperty(pattern: exact, folding: folding, schema: index))
        }
        return found
    }

    private func dependencies(_ value: JSON, _ place: Place) throws(SchemaProblem) -> [SchemaObjectRules.Dependency] {
        guard let object = value.object else { throw Self.badValue(place) }
        var found: [SchemaObjectRules.Dependency] = []
        for (name, list) in object.members {
            let inner = Place(pointer: "\(place.pointer)/\(Self.escaped(name))", keyword: place.keyword, depth: place.depth)
            found.append(SchemaObjectRules.Dependency(name: SchemaName(name), required: try names(list, inner)))
        }
        return found
    }
}
