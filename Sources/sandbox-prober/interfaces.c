/* The kernel's own interfaces; a policy never opens one of these. */
#define _GNU_SOURCE
#include "attempt.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <mqueue.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>

enum { MEMFD_SECRET = 447, LANDLOCK_CREATE_RULESET = 444 };

ACT(event_counter)
{
    WANT(0);
    struct perf_event_attr what = {.type = PERF_TYPE_SOFTWARE, .size = sizeof what, .config = PERF_COUNT_SW_TASK_CLOCK, .exclude_kernel = 1,
                                   .exclude_hv = 1};
    return had(syscall(SYS_perf_event_open, &what, 0, -1, -1, 0));
}

ACT(fault_handler) { WANT(0); return had(syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY)); }
ACT(fault_handler_whole) { WANT(0); return had(syscall(SYS_userfaultfd, O_CLOEXEC)); }

ACT(fault_handler_device)
{
    WANT(0);
    int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
    return device < 0 ? errno : close_with(device, 0);
}

/* KEY_SPEC_PROCESS_KEYRING -2: what is added goes with the process. */
ACT(keyring) { WANT(0); RESULT(syscall(SYS_add_key, "user", "escape", "x", 1, -2)); }
ACT(keyring_session) { WANT(0); RESULT(syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL, 0, 0, 0)); }
ACT(keyring_find) { WANT(0); RESULT(syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -4 /* of the user */, 1, 0, 0)); }
ACT(keyring_find_high_bit) { WANT(0); RESULT(syscall(SYS_keyctl, HIGH_BIT, -4, 1, 0, 0)); }

/* ENOKEY comes from behind the question whether it may ask. */
ACT(keyring_request)
{
    WANT(0);
    if (syscall(SYS_request_key, "user", "escape-none", NULL, 0) >= 0 || errno == ENOKEY)
        return 0;
    return errno;
}

static long bpf(long command, union bpf_attr *what)
{
    return syscall(SYS_bpf, command, what, sizeof *what);
}

static union bpf_attr array(void)
{
    union bpf_attr what;
    memset(&what, 0, sizeof what);
    what.map_type = BPF_MAP_TYPE_ARRAY;
    what.key_size = what.value_size = 4;
    what.max_entries = 1;
    return what;
}

ACT(bpf_map) { WANT(0); union bpf_attr what = array(); return had(bpf(BPF_MAP_CREATE, &what)); }
ACT(bpf_map_high_bit) { WANT(0); union bpf_attr what = array(); return had(bpf(HIGH_BIT | BPF_MAP_CREATE, &what)); }

ACT(bpf_program)
{
    WANT(0);
    struct bpf_insn allow[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1}, {.code = BPF_JMP | BPF_EXIT}};
    union bpf_attr what;
    memset(&what, 0, sizeof what);
    what.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
    what.insns = (uintptr_t)allow;
    what.insn_cnt = 2;
    what.license = (uintptr_t)"GPL";
    return had(bpf(BPF_PROG_LOAD, &what));
}

/* What somebody pinned. */
ACT(bpf_get)
{
    WANT(1);
    union bpf_attr what;
    memset(&what, 0, sizeof what);
    what.pathname = (uintptr_t)words[0];
    return had(bpf(BPF_OBJ_GET, &what));
}

/* By number, as root lists them. */
static int by_id(long command, const char *number)
{
    union bpf_attr what;
    memset(&what, 0, sizeof what);
    what.prog_id = (uint32_t)atol(number);
    return had(bpf(command, &what));
}

ACT(bpf_program_by_id) { WANT(1); return by_id(BPF_PROG_GET_FD_BY_ID, words[0]); }
ACT(bpf_map_by_id) { WANT(1); return by_id(BPF_MAP_GET_FD_BY_ID, words[0]); }
ACT(bpf_link_by_id) { WANT(1); return by_id(BPF_LINK_GET_FD_BY_ID, words[0]); }

ACT(watch_all) { WANT(0); return had(syscall(SYS_fanotify_init, FAN_CLASS_NOTIF, O_RDONLY)); }
ACT(watch_named) { WANT(0); return had(syscall(SYS_fanotify_init, FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY)); }
ACT(secret_memory) { WANT(0); return had(syscall(MEMFD_SECRET, 0)); }

/* SYSLOG_ACTION_SIZE_BUFFER: how large the kernel's log is. */
ACT(kernel_log) { WANT(0); RESULT(syscall(SYS_syslog, 10, NULL, 0)); }
ACT(kernel_log_read) { WANT(0); RESULT(syscall(SYS_syslog, 3, said, 64)); }

/* EINVAL and ENOENT come from behind the question whether it may. */
static int refused_late(long result)
{
    return result >= 0 || errno == EINVAL || errno == ENOENT || errno == ENOEXEC ? 0 : errno;
}

ACT(load_module) { WANT(0); return refused_late(syscall(SYS_init_module, "", 0, "")); }
ACT(unload_module) { WANT(0); return refused_late(syscall(SYS_delete_module, "escape_none", O_NONBLOCK)); }
ACT(next_kernel) { WANT(0); return refused_late(syscall(SYS_kexec_load, 0, 0, NULL, 0xffff0000)); }
ACT(swap_on) { WANT(0); return refused_late(syscall(SYS_swapon, "/nonexistent", 0)); }
ACT(swap_off) { WANT(0); return refused_late(syscall(SYS_swapoff, "/nonexistent")); }
ACT(account) { WANT(0); return refused_late(syscall(SYS_acct, "/nonexistent")); }
/* A wrong magic number, asked of after the privilege. */
ACT(restart) { WANT(0); return refused_late(syscall(SYS_reboot, 0, 0, 0, NULL)); }

ACT(ports)
{
    WANT(0);
#ifdef SYS_ioperm
    RESULT(syscall(SYS_ioperm, 0x80, 1, 0));
#else
    return ENOSYS;
#endif
}

/* Memory, messages and counters that others find by a key: made and removed. */
ACT(shared_memory)
{
    WANT(0);
    int shared = shmget(0x5a4d, 4096, IPC_CREAT | 0666);
    if (shared < 0)
        return errno;
    void *bytes = shmat(shared, NULL, 0);
    int error = bytes == (void *)-1 ? errno : 0;
    if (!error)
        shmdt(bytes);
    shmctl(shared, IPC_RMID, NULL);
    return error;
}

ACT(message_queue)
{
    WANT(0);
    struct { long type; char text[8]; } message = {1, "x"};
    int queue = msgget(0x5a4d, IPC_CREAT | 0666);
    if (queue < 0)
        return errno;
    int error = msgsnd(queue, &message, 1, IPC_NOWAIT) < 0 ? errno : 0;
    msgctl(queue, IPC_RMID, NULL);
    return error;
}

ACT(semaphore)
{
    WANT(0);
    int counters = semget(0x5a4d, 1, IPC_CREAT | 0666);
    if (counters < 0)
        return errno;
    semctl(counters, 0, IPC_RMID);
    return 0;
}

ACT(named_queue)
{
    WANT(0);
    long queue = syscall(SYS_mq_open, "sandbox-prober", O_CREAT | O_RDWR, 0600, NULL);
    if (queue < 0)
        return errno;
    syscall(SYS_mq_unlink, "sandbox-prober");
    return close_with((int)queue, 0);
}

const struct act interface_acts[] = {
    {"event-counter", event_counter, "", "counts events of its own (perf)"},
    {"fault-handler", fault_handler, "", "handles its own page faults (userfaultfd)"},
    {"fault-handler-whole", fault_handler_whole, "", "handles those of the kernel, too"},
    {"fault-handler-device", fault_handler_device, "", "opens /dev/userfaultfd"},
    {"keyring", keyring, "", "adds a key"},
    {"keyring-session", keyring_session, "", "makes a session keyring"},
    {"keyring-find", keyring_find, "", "finds the keyring of its user"},
    {"keyring-find-high-bit", keyring_find_high_bit, "", "the same, a high bit set in the operation"},
    {"keyring-request", keyring_request, "", "asks for a key, which may start a program"},
    {"bpf-map", bpf_map, "", "makes a BPF map"},
    {"bpf-map-high-bit", bpf_map_high_bit, "", "the same, a high bit set in the command"},
    {"bpf-program", bpf_program, "", "loads a BPF program"},
    {"bpf-get", bpf_get, "PATH", "opens a pinned map, program or link"},
    {"bpf-program-by-id", bpf_program_by_id, "ID", "opens a program by its number"},
    {"bpf-map-by-id", bpf_map_by_id, "ID", "opens a map by its number"},
    {"bpf-link-by-id", bpf_link_by_id, "ID", "opens a link by its number"},
    {"watch-all", watch_all, "", "watches what others open (fanotify)"},
    {"watch-named", watch_named, "", "watches without a privilege (fanotify)"},
    {"secret-memory", secret_memory, "", "makes memory that the kernel cannot see"},
    {"kernel-log", kernel_log, "", "asks how large the log of the kernel is"},
    {"kernel-log-read", kernel_log_read, "", "reads the log of the kernel"},
    {"load-module", load_module, "", "loads an empty kernel module"},
    {"unload-module", unload_module, "", "unloads a kernel module that is not there"},
    {"next-kernel", next_kernel, "", "loads a kernel of no parts for an architecture that is none"},
    {"swap-on", swap_on, "", "swaps to a file that is not there"},
    {"swap-off", swap_off, "", "ends swapping to a file that is not there"},
    {"account", account, "", "accounts to a file that is not there"},
    {"restart", restart, "", "restarts with numbers that do not permit it"},
    {"ports", ports, "", "drops a port of the processor"},
    {"shared-memory", shared_memory, "", "shares memory by key"},
    {"message-queue", message_queue, "", "sends a message by key"},
    {"semaphore", semaphore, "", "makes a counter by key"},
    {"named-queue", named_queue, "", "makes a message queue by name"},
    {0},
};
