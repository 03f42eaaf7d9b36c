import Decision

/// What of the test suite does not hold, each with its reason.
enum SchemaSuiteExceptions {
    /// What a refused group is refused for.
    static let refused = [otherBases, dynamicReferences, leftovers, unknownKeywords, otherDialects, otherFormats, otherDocuments]
        .reduce(into: [:]) { $0.merge($1) { first, _ in first } }

    /// Formats are asserted, whereas this file takes them for annotations.
    static func isJudgedOtherwise(_ group: String, _ test: String) -> Bool {
        group.hasPrefix("format.json: ") && test.hasPrefix("invalid ") && test.hasSuffix(" string is only an annotation by default")
    }

    /// A host name with an A-label is not judged without the tables of IDNA, and whether case matters in a member's name is up to
    /// the server. Neither lets a rule allow anything.
    static func isUndecided(_ name: String) -> Bool {
        name.hasPrefix("optional/format/hostname.json: validation of A-label (punycode) host names: ") || dependsOnCase.contains(name)
    }

    private static let dependsOnCase: Set = [
        "optional/ecmascript-regex.json: patterns always use unicode semantics with patternProperties: unicode matching is case-sensitive",
        "patternProperties.json: regexes are not anchored by default and are case sensitive: regexes are case sensitive",
    ]

    /// Another base for references than the document's own.
    private static let otherBases: [String: SchemaProblem] = [
        "anchor.json: Location-independent identifier with absolute URI":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/A/$id"),
        "anchor.json: Location-independent identifier with base URI change in subschema":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/A/$id"),
        "anchor.json: same $anchor with different base uri":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/A/$id"),
        "dynamicRef.json: $dynamicRef avoids the root of each schema, but scopes are still registered":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/first/$id"),
        "dynamicRef.json: $dynamicRef skips over intermediate resources - direct reference":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/bar/$id"),
        "dynamicRef.json: An $anchor with the same name as a $dynamicAnchor is not used for dynamic scope resolution":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/list/$id"),
        "dynamicRef.json: after leaving a dynamic scope, it is not used by a $dynamicRef":
            SchemaProblem(.badValue(keyword: "$id"), at: "/if/$id"),
        "dynamicRef.json: multiple dynamic paths to the $dynamicRef keyword":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/genericList/$id"),
        "optional/id.json: $id inside an enum is not a real identifier":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/real_id_in_schema/$id"),
        "ref.json: $id must be resolved against nearest parent, not just immediate parent":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/x/$id"),
        "ref.json: Recursive references between schemas":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/node/$id"),
        "ref.json: URN ref with nested pointer ref":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/foo/$id"),
        "ref.json: order of evaluation: $id and $anchor and $ref":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/smallint/$id"),
        "ref.json: order of evaluation: $id and $ref":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/bigint/$id"),
        "ref.json: order of evaluation: $id and $ref on nested schema":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/foo/$id"),
        "ref.json: ref to else":
            SchemaProblem(.badValue(keyword: "$id"), at: "/else/$id"),
        "ref.json: ref to if":
            SchemaProblem(.badValue(keyword: "$id"), at: "/if/$id"),
        "ref.json: ref to then":
            SchemaProblem(.badValue(keyword: "$id"), at: "/then/$id"),
        "ref.json: ref with absolute-path-reference":
            SchemaProblem(.badValue(keyword: "$id"), at: "/$defs/a/$id"),
        "ref.json: refs with relative uris and defs":
            SchemaProblem(.badValue(keyword: "$id"), at: "/properties/foo/$id"),
        "ref.json: relative refs with absolute uris and defs":
            SchemaProblem(.badValue(keyword: "$id"), at: "/properties/foo/$id"),
    ]

    /// References that depend on who refers.
    private static let dynamicReferences: [String: SchemaProblem] = [
        "dynamicRef.json: $dynamicRef points to a boolean schema":
            SchemaProblem(.unsupportedKeyword("$dynamicRef"), at: "/properties/true/$dynamicRef"),
        "dynamicRef.json: $ref and $dynamicAnchor are independent of order - $defs first":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/allOf/1/$defs/elements/$dynamicAnchor"),
        "dynamicRef.json: $ref and $dynamicAnchor are independent of order - $ref first":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/allOf/0/$defs/elements/$dynamicAnchor"),
        "dynamicRef.json: A $dynamicRef resolves to the first $dynamicAnchor still in scope that is encountered when the schema is evaluated":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/$defs/foo/$dynamicAnchor"),
        "dynamicRef.json: A $dynamicRef that initially resolves to a schema with a matching $dynamicAnchor resolves to the first $dynamicAnchor in the dynamic scope":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/$dynamicAnchor"),
        "dynamicRef.json: A $dynamicRef that initially resolves to a schema without a matching $dynamicAnchor behaves like a normal $ref to $anchor":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/$dynamicAnchor"),
        "dynamicRef.json: A $dynamicRef to a $dynamicAnchor in the same schema resource behaves like a normal $ref to an $anchor":
            SchemaProblem(.unsupportedKeyword("$dynamicRef"), at: "/items/$dynamicRef"),
        "dynamicRef.json: A $dynamicRef to an $anchor in the same schema resource behaves like a normal $ref to an $anchor":
            SchemaProblem(.unsupportedKeyword("$dynamicRef"), at: "/items/$dynamicRef"),
        "dynamicRef.json: A $dynamicRef with a non-matching $dynamicAnchor in the same schema resource behaves like a normal $ref to $anchor":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/$defs/foo/$dynamicAnchor"),
        "dynamicRef.json: A $dynamicRef with intermediate scopes that don't include a matching $dynamicAnchor does not affect dynamic scope resolution":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/$defs/foo/$dynamicAnchor"),
        "dynamicRef.json: A $dynamicRef without a matching $dynamicAnchor in the same schema resource behaves like a normal $ref to $anchor":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/$defs/foo/$dynamicAnchor"),
        "dynamicRef.json: A $dynamicRef without anchor in fragment behaves identical to $ref":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/$defs/foo/$dynamicAnchor"),
        "dynamicRef.json: A $ref to a $dynamicAnchor in the same schema resource behaves like a normal $ref to an $anchor":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/$defs/foo/$dynamicAnchor"),
        "dynamicRef.json: strict-tree schema, guards against misspelled properties":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/$dynamicAnchor"),
        "dynamicRef.json: tests for implementation dynamic anchor and reference link":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/$defs/elements/$dynamicAnchor"),
        "unevaluatedItems.json: unevaluatedItems with $dynamicRef":
            SchemaProblem(.unsupportedKeyword("$dynamicAnchor"), at: "/$defs/derived/$dynamicAnchor"),
    ]

    /// What is left over by all schemas of a value.
    private static let leftovers: [String: SchemaProblem] = [
        "ref.json: ref creates new scope when adjacent to keywords":
            SchemaProblem(.unsupportedKeyword("unevaluatedProperties"), at: "/$defs/A/unevaluatedProperties"),
        "unevaluatedItems.json: Evaluated items collection needs to consider instance location":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: item is evaluated in an uncle schema to unevaluatedItems":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/properties/foo/unevaluatedItems"),
        "unevaluatedItems.json: non-array instances are valid":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems and contains interact to control item dependency relationship":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems as schema":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems before $ref":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems can see annotations from if without then and else":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems can't see inside cousins":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/allOf/1/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems depends on adjacent contains":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems depends on multiple nested contains":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems false":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems true":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with $ref":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with anyOf":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with boolean schemas":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with if/then/else":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with items":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with items and prefixItems":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with minContains = 0":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with nested items":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with nested prefixItems and items":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with nested tuple":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with nested unevaluatedItems":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/allOf/1/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with not":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with null instance elements":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with oneOf":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with tuple":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
        "unevaluatedItems.json: unevaluatedItems with uniform items":
            SchemaProblem(.unsupportedKeyword("unevaluatedItems"), at: "/unevaluatedItems"),
    ]

    /// Keywords of earlier drafts, and unknown ones.
    private static let unknownKeywords: [String: SchemaProblem] = [
        "optional/dependencies-compatibility.json: boolean subschemas":
            SchemaProblem(.unsupportedKeyword("dependencies"), at: "/dependencies"),
        "optional/dependencies-compatibility.json: dependencies with escaped characters":
            SchemaProblem(.unsupportedKeyword("dependencies"), at: "/dependencies"),
        "optional/dependencies-compatibility.json: empty dependents":
            SchemaProblem(.unsupportedKeyword("dependencies"), at: "/dependencies"),
        "optional/dependencies-compatibility.json: multiple dependents required":
            SchemaProblem(.unsupportedKeyword("dependencies"), at: "/dependencies"),
        "optional/dependencies-compatibility.json: schema dependencies with escaped characters":
            SchemaProblem(.unsupportedKeyword("dependencies"), at: "/dependencies"),
        "optional/dependencies-compatibility.json: single dependency":
            SchemaProblem(.unsupportedKeyword("dependencies"), at: "/dependencies"),
        "optional/dependencies-compatibility.json: single schema dependency":
            SchemaProblem(.unsupportedKeyword("dependencies"), at: "/dependencies"),
        "optional/unknownKeyword.json: $id inside an unknown keyword is not a real identifier":
            SchemaProblem(.unsupportedKeyword("array_of_schemas"), at: "/$defs/id_in_unknown0/not/array_of_schemas"),
    ]

    /// Another dialect.
    private static let otherDialects: [String: SchemaProblem] = [
        "optional/format-assertion.json: schema that uses custom metaschema with format-assertion: false":
            SchemaProblem(.badValue(keyword: "$schema"), at: "/$schema"),
        "optional/format-assertion.json: schema that uses custom metaschema with format-assertion: true":
            SchemaProblem(.badValue(keyword: "$schema"), at: "/$schema"),
    ]

    /// Formats that are not checked.
    private static let otherFormats: [String: SchemaProblem] = [
        "format.json: duration format":
            SchemaProblem(.unsupportedFormat("duration"), at: "/format"),
        "format.json: idn-email format":
            SchemaProblem(.unsupportedFormat("idn-email"), at: "/format"),
        "format.json: idn-hostname format":
            SchemaProblem(.unsupportedFormat("idn-hostname"), at: "/format"),
        "format.json: iri format":
            SchemaProblem(.unsupportedFormat("iri"), at: "/format"),
        "format.json: iri-reference format":
            SchemaProblem(.unsupportedFormat("iri-reference"), at: "/format"),
        "format.json: json-pointer format":
            SchemaProblem(.unsupportedFormat("json-pointer"), at: "/format"),
        "format.json: regex format":
            SchemaProblem(.unsupportedFormat("regex"), at: "/format"),
        "format.json: relative-json-pointer format":
            SchemaProblem(.unsupportedFormat("relative-json-pointer"), at: "/format"),
        "format.json: uri-reference format":
            SchemaProblem(.unsupportedFormat("uri-reference"), at: "/format"),
        "format.json: uri-template format":
            SchemaProblem(.unsupportedFormat("uri-template"), at: "/format"),
        "optional/format/ecmascript-regex.json: ECMA 262 character classes and escapes":
            SchemaProblem(.unsupportedFormat("regex"), at: "/format"),
        "optional/format/ecmascript-regex.json: ECMA 262 lookbehind is valid, including variable width":
            SchemaProblem(.unsupportedFormat("regex"), at: "/format"),
        "optional/format/ecmascript-regex.json: ECMA 262 named groups and backreferences are valid":
            SchemaProblem(.unsupportedFormat("regex"), at: "/format"),
        "optional/format/ecmascript-regex.json: Python-specific regular expression syntax is not valid ECMA 262":
            SchemaProblem(.unsupportedFormat("regex"), at: "/format"),
        "optional/format/ecmascript-regex.json: \\a is not an ECMA 262 control escape":
            SchemaProblem(.unsupportedFormat("regex"), at: "/format"),
        "optional/format/ecmascript-regex.json: global inline flag groups are not valid ECMA 262":
            SchemaProblem(.unsupportedFormat("regex"), at: "/format"),
        "optional/format/idn-hostname.json: validation of internationalized host names":
            SchemaProblem(.unsupportedFormat("idn-hostname"), at: "/format"),
        "optional/format/idn-hostname.json: validation of separators in internationalized host names":
            SchemaProblem(.unsupportedFormat("idn-hostname"), at: "/format"),
        "optional/format/iri.json: validation of IRIs":
            SchemaProblem(.unsupportedFormat("iri"), at: "/format"),
        "optional/format/regex.json: validation of regular expressions":
            SchemaProblem(.unsupportedFormat("regex"), at: "/format"),
        "optional/format/uri-reference.json: validation of URI References":
            SchemaProblem(.unsupportedFormat("uri-reference"), at: "/format"),
    ]

    /// References to elsewhere, the document's own address too.
    private static let otherDocuments: [String: SchemaProblem] = [
        "dynamicRef.json: $ref to $dynamicRef finds detached $dynamicAnchor":
            SchemaProblem(.unresolvedReference("http://localhost:1234/draft2020-12/detached-dynamicref.json#/$defs/foo"), at: "/$ref"),
        "ref.json: URN base URI with URN and JSON pointer ref":
            SchemaProblem(.unresolvedReference("urn:uuid:deadbeef-1234-0000-0000-4321feebdaed#/$defs/bar"), at: "/properties/foo/$ref"),
        "ref.json: URN base URI with URN and anchor ref":
            SchemaProblem(.unresolvedReference("urn:uuid:deadbeef-1234-ff00-00ff-4321feebdaed#something"), at: "/properties/foo/$ref"),
        "ref.json: remote ref, containing refs itself":
            SchemaProblem(.unresolvedReference("https://json-schema.org/draft/2020-12/schema"), at: "/$ref"),
        "ref.json: simple URN base URI with $ref via the URN":
            SchemaProblem(.unresolvedReference("urn:uuid:deadbeef-1234-ffff-ffff-4321feebdaed"), at: "/properties/foo/$ref"),
    ]
}
