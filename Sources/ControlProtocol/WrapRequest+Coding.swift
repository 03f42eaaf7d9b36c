public import Descriptors
import StrictJSON

extension WrapRequest {
    /// Why a request cannot be sent.
    public enum Unsendable: Error, Sendable, Hashable {
        /// More includes than a message has room for.
        case tooManyIncludes
        /// A document, the command line or the environment is larger than taken.
        case tooLarge(String)
        case systemCall(Errno)
    }

    /// The parameters and the descriptors that they name.
    public consuming func encode() throws(Unsendable) -> ControlMessage {
        var descriptors = DescriptorList()
        // What follows has seven.
        let asked = try AskedPolicy(policy: policy, includes: includes, inputs: inputs).members(&descriptors, besides: 7)
        let argv = try Self.strings(argv, "argv", &descriptors)
        let environment = try Self.strings(environment, "environment", &descriptors)
        let credentials = try Self.strings(credentials, "credentials", &descriptors)
        let others = [
            ("name", name.map(JSON.string) ?? .null), ("argv", argv), ("path", .string(path)), ("environment", environment),
            ("credentials", credentials), ("cwdPath", .string(cwdPath)), ("user", user.map(JSON.string) ?? .null), ("quiet", .bool(quiet)),
            ("proves", .bool(proves)), ("serves", .bool(serves)), ("observes", .bool(observes)),
        ]
        var parameters = JSONObject(asked + others)
        parameters["cwd"] = Self.index(cwd, &descriptors)
        parameters["stdin"] = Self.index(stdin, &descriptors)
        parameters["stdout"] = Self.index(stdout, &descriptors)
        parameters["stderr"] = Self.index(stderr, &descriptors)
        return ControlMessage(parameters, descriptors: descriptors)
    }

    /// Reads the call's parameters and takes its descriptors. Every text is read whole, so that nothing of it can change afterwards.
    public init(_ call: consuming ControlCall) throws(ControlError) {
        var reader = ParameterReader(call.parameters, descriptors: call.descriptors)
        let asked = try AskedPolicy(&reader)
        let name = try reader.optionalString("name")
        let argv = try reader.byteStrings("argv")
        guard !argv.isEmpty else { throw .invalidParameter("argv") }
        let path = try reader.absolutePath("path")
        let environment = try reader.byteStrings("environment")
        let credentials = try reader.byteStrings("credentials")
        let cwd = try reader.descriptor("cwd")
        let cwdPath = try reader.absolutePath("cwdPath")
        let stdin = try reader.descriptor("stdin")
        let stdout = try reader.descriptor("stdout")
        let stderr = try reader.descriptor("stderr")
        let user = try reader.optionalString("user")
        let quiet = try reader.bool("quiet")
        let proves = try reader.bool("proves")
        let serves = try reader.bool("serves")
        let observes = try reader.bool("observes")
        try reader.finish()
        self.init(
            policy: asked.policy, includes: asked.includes, inputs: asked.inputs, name: name, argv: argv, path: path,
            environment: environment, credentials: credentials, cwd: cwd, cwdPath: cwdPath, stdin: stdin, stdout: stdout, stderr: stderr,
            user: user, quiet: quiet, proves: proves,
            serves: serves, observes: observes)
    }

    static func document(_ text: NamedText, _ what: String, _ descriptors: inout DescriptorList) throws(Unsendable) -> JSON {
        guard text.bytes.count <= ControlLimits.documentBytes else { throw .tooLarge(what) }
        let path = text.path.map { JSON.string($0) } ?? .null
        return ["name": .string(text.name), "path": path, "descriptor": try sealed(text.bytes, what, &descriptors)]
    }

    private static func strings(_ strings: [[UInt8]], _ what: String, _ descriptors: inout DescriptorList) throws(Unsendable) -> JSON {
        guard let bytes = ByteStrings.join(strings), bytes.count <= ControlLimits.argumentBytes else { throw .tooLarge(what) }
        return try sealed(bytes, what, &descriptors)
    }

    private static func sealed(_ bytes: [UInt8], _ what: String, _ descriptors: inout DescriptorList) throws(Unsendable) -> JSON {
        do {
            return index(try SealedMemory.make(name: what, bytes: bytes), &descriptors)
        } catch {
            throw .systemCall(error)
        }
    }

    private static func index(_ descriptor: consuming OwnedDescriptor, _ descriptors: inout DescriptorList) -> JSON {
        descriptors.append(descriptor)
        return JSON(descriptors.count - 1)
    }
}
