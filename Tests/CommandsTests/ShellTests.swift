import Testing

@testable import Commands

/// What is made from the command table for shells and readers. Shells themselves are asked in the integration tests.
@Suite struct ShellTests {
    @Test(
        "every command and option stands in each shell's script",
        arguments: [BashCompletion.script, ZshCompletion.script, FishCompletion.script])
    func scriptsAreWhole(script: @Sendable (CommandTable) -> String) {
        let text = script(.all)
        for command in CommandTable.all.commands {
            #expect(text.contains(command.name), "\(command.name)")
            for option in command.options {
                #expect(text.contains("--\(option.name)") || text.contains("-l \(option.name)"), "\(option.name)")
            }
        }
    }

    @Test("a family is completed by its second words, and is no command itself")
    func families() {
        #expect(CommandTable.all.families.contains("receipts"))
        #expect(!CommandTable.all.families.contains("wrap"))
        #expect(CommandTable.all.secondWords(of: "receipts").map(\.word).contains("verify"))
        #expect(CommandTable.all.secondWords(of: "wrap").isEmpty)
    }

    @Test(
        "what is offered follows from the word that help shows",
        arguments: [
            ("FILE", .files), ("DIR", .directories), ("POLICY", .policies), ("POLICY [POLICY]", .policies), ("COMMAND [ARG]…", .program),
            ("TIME", .nothing), ("bash|zsh|fish", .words(["bash", "zsh", "fish"])),
        ] as [(String, CompletedWord)])
    func offers(word: String, offered: CompletedWord) {
        #expect(CompletedWord(shownAs: word) == offered)
    }

    @Test("a quote in a summary ends no string of a script")
    func quotes() {
        let table = CommandTable(commands: [
            Command("odd", "it's $HOME: `x` [y]", options: [Option("why", .value("TEXT"), "it's \\ 'this'")], help: "") { _, _ in .success }
        ])
        #expect(ZshCompletion.script(table).contains(#"'odd:it'\''s $HOME\: `x` [y]'"#))
        #expect(ZshCompletion.script(table).contains(#"'--why[it'\''s \ '\''this'\'']:why: '"#))
        #expect(FishCompletion.script(table).contains(#"-d 'it\'s \\ \'this\''"#))
    }

    @Test("a page has each option, its paragraphs and lists, and no line that is a request by accident")
    func pages() {
        let command = Command(
            "odd one", "do it", options: [Option("why", .value("TEXT"), "a reason")],
            help: """
                `--why` is - well - said.
                .hidden is not a request.

                one    the first
                       and more
                two    the second

                  as it is
                """
        ) { _, _ in .success }
        let page = ManualPage.command(command)
        #expect(page.file == "sandboxctl-odd-one.1")
        #expect(page.text.contains("\\fB\\-\\-why\\fR is \\- well \\- said.\n\\&.hidden is not a request.\n"))
        #expect(page.text.contains(".TP\n\\fBone\\fR\nthe first and more\n.TP\n\\fBtwo\\fR\nthe second\n"))
        #expect(page.text.contains(".nf\n  as it is\n.fi\n"))
        #expect(page.text.contains(".TP\n\\fB\\-\\-why TEXT\\fR\na reason\n"))
    }
}
