import Policy
import PolicyText
import Testing

/// A text and the reasons against it, as `CODE line:column+length fact=value`.
struct ReasonCase: Sendable, CustomTestStringConvertible {
    var rule: String
    var text: String
    var reasons: [String]
    var facts: [String] = []

    var testDescription: String { rule }

    /// R120 is left out where a case is about something else, so that it stays true when more is enforced.
    func isBesides(_ reason: Reason) -> Bool { reason.code == .notEnforcedYet && !rule.contains("R120") }

    /// Rules, one on each line, with these conditions; the placement of each is what the cases know.
    static func conditions(_ conditions: String...) -> String {
        "sandboxd: 1\ntools:\n  rules:\n" + conditions.map { "    - {tools: [a], effect: deny, when: \($0)}\n" }.joined()
    }
}

@Suite("Reasons against a policy's text")
struct ReasonTests {
    static let cases: [ReasonCase] = [
        ReasonCase(rule: "R102: not YAML", text: "sandboxd: 1\ntools: {rules: [\nname: x\n", reasons: ["R102 4:1+1"]),
        ReasonCase(rule: "R102: a tab for indentation", text: "sandboxd: 1\ntools:\n\tdefault: deny\n", reasons: ["R102 3:1+1"]),
        ReasonCase(
            rule: "R103: a control character", text: "sandboxd: 1\nname: a\u{7}b\n", reasons: ["R103 2:8+1 problem=control"],
            facts: ["problem"]),
        ReasonCase(
            rule: "R103: a line separator of YAML 1.1", text: "sandboxd: 1\n# x\u{2028}name: b\n",
            reasons: ["R103 2:4+1 problem=lineSeparator"], facts: ["problem"]),
        ReasonCase(
            rule: "R103: a lone carriage return", text: "sandboxd: 1\n# x\rname: b\n", reasons: ["R103 2:4+1 problem=control"],
            facts: ["problem"]),
        ReasonCase(
            rule: "R103: a bidirectional control", text: "sandboxd: 1\nname: a\u{202E}b\n", reasons: ["R103 2:8+1 problem=bidirectional"],
            facts: ["problem"]),
        ReasonCase(
            rule: "R103: a byte order mark", text: "\u{FEFF}sandboxd: 1\n", reasons: ["R103 1:1+1 problem=byteOrderMark"],
            facts: ["problem"]),
        ReasonCase(
            rule: "R103: an escaped NUL", text: "sandboxd: 1\nname: \"a\\0b\"\n", reasons: ["R103 2:7+6 problem=control"],
            facts: ["problem"]),
        ReasonCase(rule: "R104: several documents", text: "sandboxd: 1\n---\nsandboxd: 1\n", reasons: ["R104 2:1+3"]),
        ReasonCase(
            rule: "R105: anchor, alias, tag, merge key, all told",
            text: "sandboxd: 1\nname: &a x\ndescription: *a\nserver: {cwd: !!str /x, <<: {}}\n",
            reasons: ["R105 2:7+4 what=anchor", "R105 3:14+2 what=alias", "R105 4:15+8 what=tag", "R105 4:25+2 what=merge key"],
            facts: ["what"]),
        ReasonCase(
            rule: "R105: a tag directive", text: "%TAG ! tag:x,2000:\n---\nsandboxd: 1\n", reasons: ["R105 1:1+1 what=tag directive"],
            facts: ["what"]),
        ReasonCase(
            rule: "R106: a duplicate key", text: "sandboxd: 1\nname: a\nname: b\n", reasons: ["R106 3:1+4 key=name firstLine=2"],
            facts: ["key", "firstLine"]),
        ReasonCase(
            rule: "R106: one variable, two sources", text: "sandboxd: 1\nserver:\n  env:\n    pass: [TZ]\n    set: {TZ: UTC}\n",
            reasons: ["R106 5:11+2 key=TZ firstLine=4"], facts: ["key", "firstLine"]),
        ReasonCase(
            rule: "R107: an unknown key, with what was meant", text: "sandboxd: 1\nfiles:\n  raed: [/usr]\n",
            reasons: ["R107 3:3+4 key=raed place=files near=read"], facts: ["key", "place", "near"]),
        ReasonCase(rule: "R107: a key in the wrong place", text: "sandboxd: 1\ntcp: none\n", reasons: ["R107 2:1+3"], facts: ["near"]),
        ReasonCase(
            rule: "R107: a key of one other place", text: "sandboxd: 1\nspawn: any\n", reasons: ["R107 2:1+5 near=processes.spawn"],
            facts: ["near"]),
        ReasonCase(rule: "R107: nothing is near", text: "sandboxd: 1\nzzzzz: any\n", reasons: ["R107 2:1+5"], facts: ["near"]),
        ReasonCase(
            rule: "R108: keys of other tools", text: "sandboxd: 1\nmcpServers: {}\nnetwork: x\nagents: []\n",
            reasons: ["R108 2:1+10 key=mcpServers", "R108 3:1+7 key=network", "R108 4:1+6 key=agents"], facts: ["key"]),
        ReasonCase(
            rule: "R109: wrong types", text: "sandboxd: 1\nname: [a]\ndescription: 5\ntools: []\negress: {tcp: {}}\nfiles: {read: /usr}\n",
            reasons: [
                "R109 2:7+3 expected=text found=list", "R109 3:14+1 expected=text found=number", "R109 4:8+2 expected=a mapping found=list",
                "R109 5:15+2 expected=none, any or a list found=mapping", "R110 6:15+4 expected=none or a list",
            ], facts: ["expected", "found"]),
        ReasonCase(
            rule: "R109: the document is no mapping", text: "- a\n", reasons: ["R109 1:1+1 place=document found=list"],
            facts: ["place", "found"]),
        ReasonCase(
            rule: "R109: plain no is text, not a Boolean", text: "sandboxd: 1\ntools: {rules: [{tools: [a], effect: deny, hidden: no}]}\n",
            reasons: ["R109 2:52+2 expected=true or false"], facts: ["expected"]),
        ReasonCase(
            rule: "R109: a number is no name", text: "sandboxd: 1\ntools: {rules: [{tools: [1], effect: deny}]}\n",
            reasons: ["R109 2:26+1 found=number"], facts: ["found"]),
        ReasonCase(
            rule: "R109: nothing is no value", text: "sandboxd: 1\nfiles:\n", reasons: ["R109 2:7+1 found=null value"], facts: ["found"]),
        ReasonCase(
            rule: "R109: a key that is a list", text: "sandboxd: 1\n? [a]\n: b\n", reasons: ["R109 2:3+3 place=key"], facts: ["place"]),
        ReasonCase(rule: "R110: another version", text: "sandboxd: 2\n", reasons: ["R110 1:11+1 value=2"], facts: ["value"]),
        ReasonCase(
            rule: "R110: an unknown word", text: "sandboxd: 1\nprocesses: {spawn: nnoe}\n",
            reasons: ["R110 2:20+4 value=nnoe expected=none, any near=none"], facts: ["value", "expected", "near"]),
        ReasonCase(
            rule: "R110: an unknown word where a list may stand", text: "sandboxd: 1\negress: {tcp: all}\n",
            reasons: ["R110 2:15+3 expected=none, any or a list"], facts: ["expected"]),
        ReasonCase(
            rule: "R110: a number that readers read differently",
            text:
                "sandboxd: 1\ntools: {rules: [{tools: [a], effect: deny, arguments: {properties: {x: {enum: [010, +1, .inf, 0.5, 9007199254740993]}}}}]}\n",
            reasons: ["R110 2:80+3 value=010", "R110 2:85+2 value=+1", "R110 2:89+4 value=.inf", "R110 2:100+16 value=9007199254740993"],
            facts: ["value"]),
        ReasonCase(
            rule: "R110: a variable with = in its name", text: "sandboxd: 1\nserver: {env: {set: {\"A=B\": x}}}\n", reasons: ["R110 2:22+5"]
        ),
        ReasonCase(
            rule: "R111: no version", text: "name: x\n", reasons: ["R111 1:1+1 key=sandboxd place=document"], facts: ["key", "place"]),
        ReasonCase(
            rule: "R111: a rule without tools and effect", text: "sandboxd: 1\ntools:\n  rules:\n    - id: x\n",
            reasons: ["R111 4:7+1 key=tools place=tools.rules[0]", "R111 4:7+1 key=effect place=tools.rules[0]"], facts: ["key", "place"]),
        ReasonCase(rule: "R112: an empty document", text: "", reasons: ["R112 1:1+1 place=document"], facts: ["place"]),
        ReasonCase(
            rule: "R112: empty lists and texts",
            text: "sandboxd: 1\nname: \"\"\nfiles: {read: []}\ntools: {rules: [{tools: [], effect: allow}]}\n",
            reasons: ["R112 2:7+2 place=name", "R112 3:15+2 place=files.read", "R112 4:25+2 place=tools.rules[0].tools"], facts: ["place"]),
        ReasonCase(
            rule: "R113: only * stands for more than itself",
            text: "sandboxd: 1\ntools: {rules: [{tools: [\"get_?\", \"a[b]\", \"x*\"], effect: allow}]}\n",
            reasons: ["R113 2:26+7 pattern=get_? problem=unknownWildcard", "R113 2:35+6 pattern=a[b] problem=unknownWildcard"],
            facts: ["pattern", "problem"]),
        ReasonCase(
            rule: "R114: malformed endpoints",
            text: "sandboxd: 1\negress:\n  tcp: [\"example.org:443\", \"10.0.0.1/8:1\", \"192.0.2.1:0\"]\n",
            reasons: ["R114 3:9+17 problem=hostName", "R114 3:28+14 problem=hostBits", "R114 3:44+13 problem=portZero"], facts: ["problem"]),
        ReasonCase(
            rule: "R115: variables", text: "sandboxd: 1\nfiles:\n  read: [\"${hme}/x\", \"/a/${home}\", \"${home\", \"${home}x\"]\n",
            reasons: [
                "R115 3:10+10 variable=hme problem=unknown near=home", "R115 3:22+12 variable=home problem=misplaced",
                "R115 3:36+8 variable= problem=malformed", "R115 3:46+10 variable=home problem=misplaced",
            ], facts: ["variable", "problem", "near"]),
        ReasonCase(
            rule: "R116: an input named as a variable", text: "sandboxd: 1\ninputs: {home: /x}\n",
            reasons: ["R116 2:10+4 input=home problem=badName"], facts: ["input", "problem"]),
        ReasonCase(
            rule: "R117: an include that is not there", text: "sandboxd: 1\ninclude: [nowhere]\n",
            reasons: ["R117 2:11+7 include=nowhere problem=notFound"], facts: ["include", "problem"]),
        ReasonCase(
            rule: "R119: too deep", text: "sandboxd: 1\nx: " + String(repeating: "[", count: 40) + "\n",
            reasons: ["R119 2:34+1 what=depth limit=32"], facts: ["what", "limit"]),
        ReasonCase(
            rule: "R119: too many nodes", text: "sandboxd: 1\nx: [" + String(repeating: "a,", count: 20_000) + "]\n",
            reasons: ["R119 2:39995+1 what=nodes limit=20000"], facts: ["what", "limit"]),
        ReasonCase(
            rule: "R119: too large", text: String(repeating: "#", count: 256 * 1024 + 1), reasons: ["R119 1:1+1 what=bytes limit=262144"],
            facts: ["what", "limit"]),
        ReasonCase(
            rule: "R120: what is of the grammar and not enforced yet",
            text:
                "sandboxd: 1\negress:\n  tcp: [\"10.0.0.0/8:1\", \"public:443\", \"192.0.2.1:*\", \"192.0.2.1:1-2\", \"*:1\"]\n  udp: any\n  names: [\"a.b:1\"]\nevidence: {arguments: full, keep: 1d}\nserver: {env: {secret: {K: {from: file}}}}\n",
            reasons: [
                "R120 7:35+4 place=server.env.secret.K.from value=file"
            ], facts: ["place", "value"]),
        ReasonCase(
            rule: "R130: what is no name with a port",
            text:
                "sandboxd: 1\negress:\n  names: [\"a.b:1\", \"https://a.b/\", a.b, \"10.0.0.1:443\", \"*:*\", \"a.*:1\", plain:443, \"plain:*.b:80-81\"]\n",
            reasons: [
                "R130 3:20+14 name=https://a.b/ problem=badPort", "R130 3:36+3 name=a.b problem=noPort",
                "R130 3:41+14 name=10.0.0.1:443 problem=address", "R130 3:64+7 name=a.*:1 problem=badWildcard",
            ], facts: ["name", "problem"]),
        ReasonCase(rule: "R112, R110: names are a list, none or any", text: "sandboxd: 1\negress: {names: []}\n", reasons: ["R112 2:17+2"]),
        ReasonCase(
            rule: "R110: a word that is neither none nor any", text: "sandboxd: 1\negress: {names: all}\n", reasons: ["R110 2:17+3"]),
        ReasonCase(
            rule: "R121: keywords of JSON Schema, each at its place",
            text:
                "sandboxd: 1\ntools:\n  rules:\n    - tools: [a]\n      effect: allow\n      arguments:\n        type: strng\n        properties:\n          x: {minimun: 3}\n",
            reasons: ["R121 7:9+4 keyword=type pointer=/type", "R121 9:15+7 keyword=minimun pointer=/properties/x/minimun"],
            facts: ["keyword", "pointer"]),
        ReasonCase(
            rule: "R122: two rules with one name, given or not",
            text:
                "sandboxd: 1\ntools:\n  rules:\n    - {id: rule-2, tools: [a], effect: allow}\n    - {tools: [b], effect: allow}\n    - {id: rule-2, tools: [b], effect: allow}\n",
            reasons: ["R122 5:7+27 id=rule-2 firstLine=4", "R122 6:12+6 id=rule-2 firstLine=4"], facts: ["id", "firstLine"]),
        ReasonCase(
            rule: "R123: paths",
            text: "sandboxd: 1\nserver: {cwd: work}\nfiles:\n  read: [\"/usr/*\", \"/a?\", \"/a?b\", rel, \"~/x\", \"/x[0]\"]\n",
            reasons: [
                "R123 2:15+4 problem=notAbsolute", "R123 4:10+8 problem=pattern", "R123 4:27+6 problem=pattern",
                "R123 4:35+3 problem=notAbsolute", "R123 4:40+5 problem=notAbsolute", "R123 4:47+7 problem=pattern",
            ], facts: ["problem"]),
        ReasonCase(
            rule: "R124: loader variables only by set",
            text:
                "sandboxd: 1\nserver:\n  env:\n    pass: [LD_PRELOAD, \"NODE_OPTIONS?\"]\n    set: {PYTHONPATH: /x}\n    secret: {BASH_ENV: {from: env}}\n",
            reasons: ["R124 4:12+10 variable=LD_PRELOAD", "R124 4:24+15 variable=NODE_OPTIONS", "R124 6:14+8 variable=BASH_ENV"],
            facts: ["variable"]),
        ReasonCase(
            rule: "R125: conditions whose keys do not go together",
            text: ReasonCase.conditions(
                "{}", "{all: [{argument: /a, exists: true}], argument: /b, below: 1}", "{equals: 1}", "{argument: /a}",
                "{argument: /a, each: {}}", "{not: {above: 1}}"),
            reasons: [
                "R125 4:40+2 place=tools.rules[0].when problem=noForm",
                "R125 5:78+8 place=tools.rules[1].when problem=severalForms key=argument",
                "R125 6:41+6 place=tools.rules[2].when problem=noForm",
                "R125 7:41+8 place=tools.rules[3].when problem=noOperator",
                "R125 8:61+2 place=tools.rules[4].when.each problem=noOperator",
                "R125 9:47+5 place=tools.rules[5].when.not problem=noForm",
            ], facts: ["place", "problem", "key"]),
        ReasonCase(
            rule: "R126: expressions that RE2 does not take",
            text: ReasonCase.conditions(
                "{argument: /a, matches: \"(a\"}", "{argument: /a, matches: \"(?=a)\"}", "{argument: /a, matches: ^a+$}"),
            reasons: ["R126 4:64+4 pattern=(a", "R126 5:64+7 pattern=(?=a)"], facts: ["pattern"]),
        ReasonCase(
            rule: "R140: paths and hosts that programs read differently",
            text: ReasonCase.conditions(
                "{argument: /a, inside: [\"/srv/a \"]}", "{argument: /b, host_in: [a.0x7f]}", "{argument: /a, inside: [/srv/a]}"),
            reasons: ["R140 4:40+35 problem=badPath argument=/a", "R140 5:40+33 problem=badHost argument=/b"],
            facts: ["problem", "argument"]),
        ReasonCase(
            rule: "R141, R142: budgets with two limits, masks over everything",
            text: """
                sandboxd: 1
                tools:
                  rules:
                    - {tools: [a], effect: allow, budget: {name: x, of: /a, limit: 2, per: session}}
                    - {tools: [b], effect: allow, budget: {name: x, of: /b, limit: 2.0, per: session}, redact: [/c]}
                    - {tools: [c], effect: allow, budget: {name: x, of: /b, limit: 3, per: session}, redact: [/c, ""]}
                """,
            reasons: ["R141 6:43+41 rule=rule-3", "R142 6:94+8 rule=rule-3"], facts: ["rule"]),
        ReasonCase(
            rule: "R110: values of conditions, limits and budgets",
            text: ReasonCase.conditions(
                "{argument: a, exists: true}", "{argument: /a~2, exists: true}", "{argument: /a, below: 9007199254740993}",
                "{argument: /a, host_in: [\"*.example.org\", \"1.2.3\", \"10.0.0.1/8\", \"2001:db8::/32\", \"ex ample\"]}",
                "{argument: \"\", exists: true}, limit: {calls: 0, per: week}",
                "{argument: /a, exists: no}, budget: {name: x, of: /a, limit: -1, per: hour}"),
            reasons: [
                "R110 4:51+1 value=a", "R110 5:51+4 value=/a~2", "R110 6:62+16 value=9007199254740993", "R110 7:82+7 value=1.2.3",
                "R110 7:91+12 value=10.0.0.1/8", "R110 7:122+10 value=ex ample", "R110 8:85+1 value=0", "R110 8:93+4 value=week",
                "R109 9:63+2", "R110 9:101+2 value=-1", "R110 9:110+4 value=hour",
            ], facts: ["value"]),
        ReasonCase(
            rule: "R125: tests of nothing or of two things, and expectations of the other kind",
            text:
                "sandboxd: 1\ntests:\n  - {expect: forward}\n  - {call: [a], act: x, expect: block}\n  - {call: [a], expect: denied}\n  - {act: x, expect: hold}\n  - {call: [a, 5], expect: hold}\n  - {call: [a, {}, {}], expect: hold}\n",
            reasons: [
                "R125 3:5+17 problem=neitherCallNorAct", "R125 4:17+3 problem=callAndAct key=act", "R110 5:25+6 value=denied",
                "R110 6:22+4 value=hold", "R109 7:16+1", "R110 8:12+11 value=a list",
            ], facts: ["problem", "key", "value"]),
        ReasonCase(
            rule: "R110: sizes, shares and approvers",
            text:
                "sandboxd: 1\nprocesses: {memory: 512MB, cpu: 0%, tasks: 0}\napprovals: {by: [me, \"group:\", \"user:\", \"user:a\", \"group:b:c\", caller]}\nevidence: {keep: 1y}\n",
            reasons: [
                "R110 2:21+5 value=512MB", "R110 2:33+2 value=0%", "R110 2:44+1 value=0", "R110 3:18+2 value=me",
                "R110 3:22+8 value=group:", "R110 3:32+7 value=user:", "R110 4:18+2 value=1y",
            ], facts: ["value"]),
        ReasonCase(
            rule: "R110: a size beyond what can be counted", text: "sandboxd: 1\nprocesses: {memory: 99999999TiB}\n",
            reasons: ["R110 2:21+11"]),
        ReasonCase(
            rule: "R113: patterns over URIs", text: "sandboxd: 1\nmessages: {resources: [nothing, \"a:*\"]}\n",
            reasons: ["R113 2:24+7 problem=noScheme"], facts: ["problem"]),
        ReasonCase(rule: "bytes count, not Unicode equivalence", text: "sandboxd: 1\n\u{212A}ey: x\n", reasons: ["R107 2:1+3"]),
    ]

    @Test("each reason is told with its exact place", arguments: cases)
    func reason(testCase: ReasonCase) {
        #expect(reasons(testCase.text).filter { !testCase.isBesides($0) }.map { brief($0, facts: testCase.facts) } == testCase.reasons)
    }

    @Test("every code of the text has an example")
    func allCodes() {
        // Tested elsewhere: R101 is of who reads files, R118 needs two documents, the others are of tests and of layers.
        let elsewhere: Set<ReasonCode> = [
            .unreadable, .conflictingIncludes, .testFailed, .badAct, .notInLayer, .foreignLayer, .duplicateLayer, .inexpressibleTightening,
        ]
        let text = Set(ReasonCode.allCases.filter { $0.rawValue.hasPrefix("R1") })
        #expect(Set(Self.cases.flatMap { reasons($0.text).map(\.code) }).union(elsewhere) == text)
    }
}
