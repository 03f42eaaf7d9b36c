import ControlProtocol
import Descriptors

/// `sandboxctl manual`: the pages of the manual, as files.
enum ManualCommand {
    static let command: Command = Command(
        "manual", "write the pages of the manual into a directory",
        arguments: .one("DIR"),
        help: """
            DIR is there, or is made; one page for the program and one for each command is written into it, for section 1. The Debian
            package has them. What was there under the same names is replaced.
            """,
        run: { invocation, console in
            let directory = invocation.arguments[0]
            do throws(Errno) { try write(pages(.all), into: directory) } catch {
                console.say("\(Escaping.quoted(directory)): \(ErrnoWords.text(error.name))")
                return .finding
            }
            return .success
        })

    static var version: String { ControlInterface.productVersion }

    static func pages(_ table: CommandTable) -> [(file: String, text: String)] {
        [ManualPage.program(table)] + table.commands.map(ManualPage.command)
    }

    private static func write(_ pages: [(file: String, text: String)], into directory: String) throws(Errno) {
        do throws(Errno) { try WorkingDirectory().makeDirectory(directory, mode: 0o755) } catch {
            if error != .exists { throw error }
        }
        for page in pages {
            let file = try WorkingDirectory().open(directory + "/" + page.file, [.write, .create, .truncate, .noFollow], mode: 0o644)
            try file.writeWhole(Array(page.text.utf8))
        }
    }
}
