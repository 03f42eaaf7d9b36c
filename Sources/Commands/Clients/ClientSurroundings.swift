/// What a question about clients is asked from.
struct ClientSurroundings: Sendable {
    let environment: CallerEnvironment
    /// The directory whose project counts; absolute.
    let project: String?
    /// This program's own file.
    let program: String?

    static func current() -> ClientSurroundings {
        ClientSurroundings(environment: .current(), project: CallerEnvironment.workingDirectory, program: OwnProgram.path)
    }

    var home: String? { environment.home }
}
