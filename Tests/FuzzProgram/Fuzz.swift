import FuzzTargets

/// libFuzzer's own `main`, for programs that have one.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// `fuzz TARGET [OPTION…] [CORPUS…]`, the latter libFuzzer's.
@main struct Fuzz {
    private nonisolated(unsafe) static var target = FuzzTarget.json

    static func main() {
        guard CommandLine.argc > 1, let target = FuzzTarget(rawValue: CommandLine.arguments[1]) else {
            fatalError("the target is none of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.target = target
        // The target's name takes the place of the program's.
        var count = CommandLine.argc - 1, arguments = CommandLine.unsafeArgv + 1
        _ = runDriver(&count, &arguments) { start, count in
            do {
                try Fuzz.target.run(Array(UnsafeBufferPointer(start: start, count: count)))
            } catch {
                fatalError("\(error)")
            }
            return 0
        }
    }
}
