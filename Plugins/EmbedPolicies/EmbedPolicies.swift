import Foundation
import PackagePlugin

/// Embeds each `policies/*.yaml` into the target, as `ShippedPolicies`.
@main
struct EmbedPolicies: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let directory = context.package.directoryURL.appending(path: "policies")
        let found = try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        let files = (found ?? [])
            .filter { $0.pathExtension == "yaml" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let output = context.pluginWorkDirectoryURL.appending(path: "ShippedPolicies.swift")
        let named = files.flatMap { [$0.deletingPathExtension().lastPathComponent, $0.path(percentEncoded: false)] }
        return [
            .buildCommand(
                displayName: "Embedding policies",
                executable: try context.tool(named: "embed-file").url,
                arguments: ["ShippedPolicies", output.path(percentEncoded: false)] + named,
                inputFiles: files,
                outputFiles: [output])
        ]
    }
}
