import KernelPlan
import Policy

/// What an attempt asks of the kernel, before it is known where it is aimed.
enum Ask: Sendable, Hashable {
    /// At the endpoint.
    case connect
    case fastOpen
    case send(Operation.SendPath)
    case bind(Operation.Transport)
    /// bind(2) to the endpoint's address, the port being the kernel's choice.
    case bindAnywhere
    case accept
    /// socket(2) of the endpoint's family.
    case socket(UInt64, UInt64)
    /// socket(2) of that family.
    case family(UInt64, UInt64, UInt64)
    case pair(UInt64)
    case listen
    case option(UInt64, UInt64)
    case ioctl(UInt64)
    /// Behind an `@`, an abstract name.
    case unix(Operation.UnixAct, String)
    case file(Operation.FileAct, String)
    case move(String, String)
    case metadata(Operation.MetadataChange, String)
    case execute(String)
    case executeMemory
    case process, thread
    case namespace(UInt64)
    case newListener
    case signal, adjust
    /// A call that no policy permits, by name.
    case forbidden(String)

    /// As the reference evaluator understands it.
    func operation(on ground: ProofGround, at endpoint: ProofGround.Endpoint?) -> Operation {
        let address = endpoint?.address ?? .v4(0)
        let port = endpoint?.port ?? 0
        return switch self {
        case .connect: .connect(.connect, address, port: port)
        case .fastOpen: .connect(.sendTo, address, port: port)
        case .send(let path): .send(path, address, port: port)
        case .bind(let transport): .bind(transport, address, port: port)
        case .bindAnywhere: .bind(.tcp, address, port: 0)
        case .accept: .accept(.bound, address, port: port)
        case .socket(let type, let proto): .socket(family: address.width == 32 ? 2 : 10, type: type, protocol: proto)
        case .family(let family, let type, let proto): .socket(family: family, type: type, protocol: proto)
        case .pair(let type): .socketPair(type: type)
        case .listen: .listen
        case .option(let level, let option): .socketOption(level: level, option: option)
        case .ioctl(let request): .deviceControl(request: request)
        case .unix(let act, let name): .unix(act, Self.unixName(ground.filled(name)))
        case .file(let act, let path): .file(act, path: ground.filled(path))
        case .move(let from, let to): .move(from: ground.filled(from), to: ground.filled(to))
        case .metadata(let change, let path): .metadata(change, path: ground.filled(path), of: ground.ownership)
        case .execute(let path): .execute(path: ground.filled(path))
        case .executeMemory: .executeMemory
        case .process: .makeProcess
        case .thread: .makeThread
        case .namespace(let flag): .makeNamespace(flag: flag)
        case .newListener: .newListener
        case .signal: .signalOutside
        case .adjust: .adjustOutside
        case .forbidden(let call): .forbidden(call: call)
        }
    }

    private static func unixName(_ name: String) -> Operation.UnixName {
        name.utf8.first == UInt8(ascii: "@") ? .abstract(String(name.dropFirst())) : .path(name)
    }
}
