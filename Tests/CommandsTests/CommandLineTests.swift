import Testing

@testable import Commands

@Suite struct CommandLineTests {
    private static func read(_ words: [String]) -> Result<ArgumentReader.Reading, UsageError> {
        var reader = ArgumentReader(words.map { Array($0.utf8) }, table: .all)
        return Result { () throws(UsageError) in try reader.read() }
    }

    private static func invocation(_ words: [String]) throws -> (command: String, invocation: Invocation) {
        guard case .run(let command, let invocation) = try read(words).get() else { throw UsageError.noCommand }
        return (command.name, invocation)
    }

    @Test("options, their values and what stands behind `--` are told apart")
    func reads() throws {
        let read = try Self.invocation([
            "wrap", "--policy", "p.yaml", "--set=a=b=c", "--set", "d=", "--quiet", "--", "run", "--policy", "x",
        ])
        #expect(read.command == "wrap")
        #expect(read.invocation.value("policy") == "p.yaml")
        #expect(try read.invocation.assignments("set") == ["a": "b=c", "d": ""])
        #expect(read.invocation.has("quiet"))
        #expect(read.invocation.trailing == [Array("run".utf8), Array("--policy".utf8), Array("x".utf8)])
    }

    @Test("a wrapped command's words are bytes")
    func keepsBytes() throws {
        var reader = ArgumentReader([Array("wrap".utf8), Array("--".utf8), [0xff, 0xfe]], table: .all)
        guard case .run(_, let invocation) = try reader.read() else { return #expect(Bool(false)) }
        #expect(invocation.trailing == [[0xff, 0xfe]])
    }

    @Test(
        "what is not understood is refused, and never guessed",
        arguments: [
            ([], .noCommand), (["wrp"], .unknownCommand("wrp")), (["--nothing"], .unknownOption("--nothing", command: "")),
            (["wrap", "--polcy", "x"], .unknownOption("--polcy", command: "wrap")),
            (["wrap", "--pol", "x"], .unknownOption("--pol", command: "wrap")),
            (["wrap", "--policy"], .missingValue(option: "--policy", expected: "--policy POLICY")),
            (["wrap", "--quiet=yes"], .unexpectedValue(option: "--quiet")),
            (["wrap", "--policy", "a", "--policy", "b"], .repeated(option: "--policy")), (["wrap", "x"], .unexpectedArgument("x")),
            (["wrap", "--"], .missingArgument("COMMAND [ARG]… after `--`")), (["receipts"], .missingWord(after: "receipts")),
            (["receipts", "burn"], .unknownCommand("receipts burn")), (["receipts", "report"], .missingArgument("PATH")),
            (["receipts", "verify", "a", "b"], .unexpectedArgument("b")),
        ] as [([String], UsageError)])
    func refuses(words: [String], error: UsageError) {
        #expect(throws: error) { _ = try Self.read(words).get() }
    }

    @Test(
        "the nearest option and command are named",
        arguments: [
            (["wrap", "--polcy", "x"], "did you mean `--policy`?"), (["wrpa"], "did you mean `wrap`?"),
            (["docter"], "did you mean `doctor`?"),
            (["wrap", "--zzz"], nil), (["--socket", "/x", "status"], "options follow the command"),
        ] as [([String], String?)])
    func suggests(words: [String], help: String?) throws {
        guard case .failure(let error) = Self.read(words) else { return #expect(Bool(false)) }
        #expect(error.message(in: .all).help == help)
    }

    @Test("an assignment without a name, without `=`, or given twice is refused", arguments: [["=x"], ["x"], ["a=1", "a=2"]])
    func refusesAssignments(texts: [String]) throws {
        let read = try Self.invocation(["wrap"] + texts.flatMap { ["--set", $0] })
        #expect(throws: UsageError.self) { _ = try read.invocation.assignments("set") }
    }

    @Test("every command explains itself, whatever else is on the line", arguments: CommandTable.all.commands.map(\.name))
    func helpEverywhere(name: String) throws {
        let words = name.split(separator: " ").map(String.init)
        for line in [words + ["--help"], words + ["-h"]] {
            guard case .help(let command?) = try Self.read(line).get() else { return #expect(Bool(false), "\(line)") }
            #expect(command.name == name)
            let text = HelpText.command(command)
            #expect(text.hasPrefix("usage: sandboxctl \(name)"))
            for option in command.allOptions { #expect(text.contains("--" + option.name)) }
        }
        #expect(HelpText.program(.all).contains("  \(name)"))
    }

    @Test("the first word of several commands leads to them", arguments: [["receipts", "--help"], ["receipts", "-h"]])
    func familyHelp(words: [String]) throws {
        guard case .help(nil) = try Self.read(words).get() else { return #expect(Bool(false)) }
    }

    @Test("the table is in order: names once, one-line summaries without a full stop")
    func tableIsInOrder() {
        let commands = CommandTable.all.commands
        #expect(Set(commands.map(\.name)).count == commands.count)
        for command in commands {
            #expect(Set(command.allOptions.map(\.name)).count == command.allOptions.count)
            for summary in [command.summary] + command.allOptions.map(\.summary) {
                #expect(!summary.hasSuffix(".") && !summary.contains("\n") && summary.first?.isUppercase == false, "\(summary)")
            }
            for line in command.help.split(separator: "\n") { #expect(line.count <= 130, "\(line)") }
        }
    }
}
