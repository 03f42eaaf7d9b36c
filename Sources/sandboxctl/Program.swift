import Commands

@main struct Program {
    static func main() { SandboxControl.main() }
}
