/// Why a line is no receipt.
package struct LineError: Error, Hashable, Sendable {
    let problem: Finding.Problem

    init(_ problem: Finding.Problem) {
        self.problem = problem
    }
}
