import CLaunch

/// Names of the steps between clone and exec (`enum cl_step`), for people.
public enum ChildStep {
    public static func name(_ step: UInt32) -> String {
        names.first { $0.0.rawValue == step }?.1 ?? "step \(step)"
    }

    private static let names: [(cl_step, String)] = [
        (CL_STEP_READ_SPECIFICATION, "read specification"), (CL_STEP_READ_SECCOMP, "read seccomp program"),
        (CL_STEP_MAKE_CHANNEL, "make channel"),
        (CL_STEP_CLONE, "clone"), (CL_STEP_SETSID, "setsid"), (CL_STEP_RESET_SIGNALS, "reset signals"),
        (CL_STEP_PLACE_DESCRIPTORS, "place descriptors"), (CL_STEP_CLOSE_OTHERS, "close other descriptors"),
        (CL_STEP_VERIFY_PIPES, "verify pipes"),
        (CL_STEP_CHANGE_DIRECTORY, "change directory"), (CL_STEP_UMASK, "umask"), (CL_STEP_LIMITS, "limits"),
        (CL_STEP_CLEAR_AMBIENT, "clear ambient capabilities"), (CL_STEP_DROP_BOUNDING, "drop bounding set"),
        (CL_STEP_LOCK_SECUREBITS, "lock securebits"), (CL_STEP_GROUPS, "groups"), (CL_STEP_GID, "gid"), (CL_STEP_UID, "uid"),
        (CL_STEP_DROP_CAPABILITIES, "drop capabilities"), (CL_STEP_VERIFY_IDENTITY, "verify identity"), (CL_STEP_DUMPABLE, "dumpable"),
        (CL_STEP_NO_NEW_PRIVS, "no_new_privs"), (CL_STEP_LANDLOCK, "landlock"), (CL_STEP_REPORT_ARMED, "report armed"),
        (CL_STEP_AWAIT_GO, "await go"), (CL_STEP_SECCOMP, "seccomp"), (CL_STEP_SEND_LISTENER, "send listener"),
        (CL_STEP_NOTIFICATION, "notification"), (CL_STEP_EXECVE, "execve"), (CL_STEP_TRIALS, "trials"),
        (CL_STEP_TEST_NETWORK, "test network"), (CL_STEP_ENTER_CONTROLLERS, "enter controllers"),
        (CL_STEP_ENTER_NAMESPACES, "enter namespaces"), (CL_STEP_MAKE_TREE, "make tree"),
        (CL_STEP_FIND_PLACE, "find what is mounted over"), (CL_STEP_MAKE_MOUNT, "make mount"), (CL_STEP_MAP_OWNERS, "map owners"),
        (CL_STEP_PLACE_MOUNT, "place mount"), (CL_STEP_MOUNT_RULE, "landlock rule on a mount"),
        (CL_STEP_REENTER_DIRECTORY, "enter the working directory again"), (CL_STEP_MAKE_DOOR, "make the proxy's door"),
    ]
}
