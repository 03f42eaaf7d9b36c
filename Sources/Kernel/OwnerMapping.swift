import CLaunch
public import Descriptors
public import KernelPlan

/// The user namespace by which a lent directory's files are shown as the session's own.
public enum OwnerMapping {
    /// `nil` where nothing is lent.
    public static func make(_ mounts: MountPlan?, to identity: LaunchSpecification.Identity) throws(LaunchFailure) -> OwnedDescriptor? {
        guard let lent = mounts?.lent else { return nil }
        // INVARIANT: nobody is shown root's files as his own.
        guard lent.uid != 0, lent.gid != 0, identity.uid != 0 else { throw LaunchFailure(.makeDescriptors, nil, "root lends nothing") }
        return try LaunchStep.makeDescriptors.run("owner mapping") { () throws(Errno) in
            try descriptor(cl_mapping_make(lent.uid, lent.gid, identity.uid, identity.gid))
        }
    }
}
