/// Strings as the launch code takes them: each ended by NUL.
func blob(_ strings: [String]) -> [UInt8] {
    strings.flatMap { Array($0.utf8) + [0] }
}
