import Decision
import Policy

/// All pages, in the order of their codes.
enum CodePages {
    static let all: [CodePage] = ReasonCode.allCases.map(\.page).sorted { $0.code < $1.code } + BlockCode.allCases.map(\.page)

    static func page(_ code: String) -> CodePage? { all.first { $0.code.utf8.elementsEqual(code.utf8) } }
}
