import Descriptors
import Policy

extension PathFacts {
    init(resolved: String, status: FileStatus, links: [FollowedLink], ancestors: [Ancestor], filesystem: UInt64) {
        self.init(
            resolved: resolved, kind: status.isDirectory ? .directory : status.isRegularFile ? .file : .other, device: status.device,
            inode: status.inode, linkCount: status.links, owner: status.owner, group: status.group, mode: status.permissions, links: links,
            ancestors: ancestors, filesystem: filesystem)
    }
}
