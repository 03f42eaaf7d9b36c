import Descriptors
import Policy

extension PathFacts {
    init(resolved: String, status: FileStatus, links: [FollowedLink], ancestors: [Ancestor], filesystem: UInt64) {
        self.init(
            resolved: resolved, kind: PathFacts.Kind(status), device: status.device,
            inode: status.inode, linkCount: status.links, owner: status.owner, group: status.group, mode: status.permissions, links: links,
            ancestors: ancestors, filesystem: filesystem)
    }
}

extension PathFacts.Kind {
    init(_ status: FileStatus) {
        self = status.isDirectory ? .directory : status.isRegularFile ? .file : status.isSocket ? .socket : .other
    }
}
