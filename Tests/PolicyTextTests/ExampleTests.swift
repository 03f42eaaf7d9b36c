import Policy
import PolicyText
import Testing

@Suite("The example of the design")
struct ExampleTests {
    static let text = """
        sandboxd: 1                      # grammar version
        name: notes
        description: project notes
        include: [runtime-python]        # presets or files beside it; lists are united, scalars that differ are an error
        inputs: {project: "${cwd}"}      # default; `wrap --set project=DIR` overrides; null = must be given
        server:
          command: [mcp-notes, --dir, "${project}"]   # optional; when present `wrap --policy P` needs no `--`
          cwd: "${project}"
          user: caller                   # caller | session (a uid of its own, private HOME; needs the daemon)
          env: {pass: [TZ, "LANG?"], set: {LOG_LEVEL: info}, secret: {API_KEY: {from: env}}}   # from: env | credential | file
        tools:
          default: deny                  # deny | ask | allow
          pins: first-seen               # first-seen | required
          rules:
            - id: look
              tools: [get_note, "list_*"]       # * is any run of characters; the whole name matches
              effect: allow              # allow | ask | deny
              arguments:                 # JSON Schema 2020-12
                type: object
                required: [title]
                properties: {title: {type: string, maxLength: 80}}
                additionalProperties: false
            - id: save
              tools: [save_note]
              effect: allow
              when: {all: [{argument: /path, inside: ["${project}"]}, {argument: /tags, each: {in: [work, home]}}]}
              limit: {calls: 30, per: minute}
              redact: [/card]            # JSON Pointers, masked before the server sees them
            - id: big-refund
              tools: [refund]
              effect: ask
              when: {argument: /amount, above: 500}
              budget: {name: refunds, of: /amount, limit: 2000, per: session}   # session | day
              reason: refunds above 500 need a person                            # for model and human
              labels: {risk: high}                                               # copied into receipts and exports
            - {id: never, tools: ["delete_*"], effect: deny, hidden: true}       # answers "unknown tool"
        messages:                        # what is not a tool call; deny by default
          resources: ["file://${project}/*"]
          prompts: [summarise]
          sampling: deny
          elicitation: allow
          roots: deny
        egress:
          tcp: ["203.0.113.10:443", "[2001:db8::10]:443", "10.0.0.0/8:5432", "*:8443", "public:443"]   # or none, or any
          udp: none
          unix: none                     # or paths
          dns: none                      # none | host (port 53 of the nameservers in resolv.conf at launch)
          names: ["api.weather.gov:443"] # or any public name; through the session's name proxy
        ingress: {tcp: none}
        files:
          read: [/usr/share/dict]
          write: ["${project}"]          # includes read
          execute: none                  # or files and directories
          metadata: none                 # none | owned
          protect: clients               # clients | none: client configs, shell start-up files, .git/hooks in a write tree stay read-only
          tmp: private                   # none | private
          proc: none                     # none | session
        processes: {spawn: any, tasks: 64, memory: 512MiB, cpu: 50%}
        evidence: {arguments: commitment, durability: process, keep: 180d}   # commitment | full ; process | disk
        approvals: {by: [caller, "group:security"], within: 15m, wait: 45s}  # default: caller without a daemon, group sandboxd-approvers with one
        tests:
          - {call: [get_note, {title: x}], expect: forward}
          - {act: connect 192.0.2.1:443, expect: denied}

        """

    private static let preset = "sandboxd: 1\nname: runtime-python\nfiles:\n  read: [/usr]\n"

    @Test("its text is without fault")
    func reasonsOfExample() { #expect(reasons(Self.text, includes: ["runtime-python": Self.preset]) == []) }

    @Test("is a policy for whoever only asks what it means")
    func meaning() throws {
        let policy = try expanded(Self.text, includes: ["runtime-python": Self.preset], accepting: .everything)
        #expect(policy.name == "notes")
        #expect(policy.server.command == ["mcp-notes", "--dir", "/home/ann/notes"])
        #expect(policy.server.cwd?.value == "/home/ann/notes")
        #expect(policy.requestedPaths.map(\.path) == ["/home/ann/notes", "/usr/share/dict", "/usr", "/home/ann/notes"])
        #expect(policy.tests.map(\.expected) == ["forward", "denied"])
    }

    @Test("what is not enforced yet is told after what its values are refused for, and beside it")
    func last() {
        let text =
            "sandboxd: 1\ntools: {pins: nope, rules: [{tools: [\"${t}\"], effect: deny}]}\nserver: {env: {secret: {K: {from: file}}}}\ninputs: {t: \"a?\"}\n"
        #expect(reasons(text).map { brief($0) } == ["R110 2:15+4", "R120 3:35+4"])
        let values = text.replacing("nope", with: "required")
        #expect(reasons(values).map { brief($0) } == ["R113 2:42+6", "R120 3:35+4"])
        #expect(reasons(values, accepting: .everything).map { brief($0) } == ["R113 2:42+6"])
    }
}
