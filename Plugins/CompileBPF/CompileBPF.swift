import Foundation
import PackagePlugin

/// Compiles each `bpf/*.bpf.c` with the toolchain's own clang and embeds the objects into the target, as `EmbeddedBPF`.
///
/// One command does all of it: whatever a plug-in leaves behind that is not a source becomes a resource of the target.
@main
struct CompileBPF: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let directory = context.package.directoryURL.appending(path: "bpf")
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let programs = files.filter { $0.lastPathComponent.hasSuffix(".bpf.c") }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedBPF.swift")
        let tools = [try context.tool(named: "clang").url, try context.tool(named: "llvm-objcopy").url]
        let named = programs.flatMap { [String($0.lastPathComponent.dropLast(".bpf.c".count)), $0.path(percentEncoded: false)] }
        return [
            .buildCommand(
                displayName: "Compiling BPF programs",
                executable: try context.tool(named: "embed-file").url,
                arguments: ["EmbeddedBPF", output.path(percentEncoded: false), "--compile-bpf"]
                    + tools.map { $0.path(percentEncoded: false) } + [context.package.directoryURL.path(percentEncoded: false)] + named,
                inputFiles: files,
                outputFiles: [output])
        ]
    }
}
