import Descriptors
import Glibc

extension Console {
    /// Columns of the terminal that results are shown on (ioctl(2) TIOCGWINSZ); nil where they go elsewhere.
    var columns: Int? {
        var size = winsize()
        guard output.isTerminal, ioctl(output.number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
