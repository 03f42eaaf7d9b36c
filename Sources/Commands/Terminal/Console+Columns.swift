import Descriptors
import Glibc

extension Console {
    /// Columns of the terminal that results are shown on (ioctl(2) TIOCGWINSZ); nil where they go elsewhere.
    var columns: Int? { size.flatMap { $0.ws_col > 0 ? Int($0.ws_col) : nil } }

    /// Its rows.
    var rows: Int? { size.flatMap { $0.ws_row > 0 ? Int($0.ws_row) : nil } }

    private var size: winsize? {
        var size = winsize()
        guard output.isTerminal, ioctl(output.number, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        return size
    }
}
