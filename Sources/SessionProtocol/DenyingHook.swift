/// Where programs of a session deny: EGRESS_HOOK_… of `bpf/egress.h`.
enum DenyingHook: UInt8 {
    case connect4 = 1
    case connect6, sendmsg4, sendmsg6, bind4, bind6, packetOut
    case unixStream, unixDatagram, unixBind, unixListen
    case sockCreate, connectUnix, sendmsgUnix
    case receivedConnect, receivedSend
    case execute
    case receivedBind, receivedListen

    /// The program's name.
    var program: String {
        switch self {
        case .connect4: "connect4"
        case .connect6: "connect6"
        case .sendmsg4: "sendmsg4"
        case .sendmsg6: "sendmsg6"
        case .bind4: "bind4"
        case .bind6: "bind6"
        case .packetOut: "packet_out"
        case .unixStream: "unix_stream"
        case .unixDatagram: "unix_datagram"
        case .unixBind: "unix_bind"
        case .unixListen: "unix_listen"
        case .sockCreate: "sock_create"
        case .connectUnix: "connect_unix"
        case .sendmsgUnix: "sendmsg_unix"
        case .receivedConnect: "received_connect"
        case .receivedSend: "received_send"
        case .execute: "execute"
        case .receivedBind: "received_bind"
        case .receivedListen: "received_listen"
        }
    }

    /// Whether a record says where to.
    var hasEndpoint: Bool {
        switch self {
        case .connect4, .connect6, .sendmsg4, .sendmsg6, .bind4, .bind6, .packetOut, .receivedConnect, .receivedSend, .receivedBind,
            .receivedListen:
            true
        case .unixStream, .unixDatagram, .unixBind, .unixListen, .sockCreate, .connectUnix, .sendmsgUnix, .execute: false
        }
    }

    /// The row of a host profile.
    var mechanism: String {
        switch self {
        case .connect4, .connect6: "connect-hooks"
        case .sendmsg4, .sendmsg6, .packetOut: "send-hooks"
        case .bind4, .bind6: "bind-hooks"
        case .unixStream, .unixDatagram, .unixBind, .unixListen, .receivedConnect, .receivedSend, .receivedBind, .receivedListen: "bpf-lsm"
        case .sockCreate, .connectUnix, .sendmsgUnix: "unix-hooks"
        case .execute: "execute-hook"
        }
    }

    var verb: String {
        switch self {
        case .connect4, .connect6, .unixStream, .connectUnix, .receivedConnect: "connect to"
        case .sendmsg4, .sendmsg6, .unixDatagram, .sendmsgUnix, .receivedSend: "send to"
        case .sockCreate: "make"
        case .bind4, .bind6, .unixBind, .receivedBind: "bind"
        case .packetOut: "send a packet to"
        case .unixListen, .receivedListen: "listen on"
        case .execute: "execute"
        }
    }
}
