/*
 * What one session executes, judged at a security hook of its `server` cgroup (BPF_LSM_CGROUP, Linux 6.0): a second layer for what Landlock and
 * the filter of system calls hold already.
 *
 * The kernel asks here for each file that execve(2) opens, the interpreters that a `#!` line names included, but for the loader of an ELF file,
 * which it opens by itself. A file is its inode, whatever path, link or mount led there; so a copy, and a file in memory, is another.
 *
 * Default is to deny, and a map miss denies. A directory is no entry of the map: what lies beneath it is not known here.
 *
 * SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 * The kernel takes programs at security hooks under the GPL only (bpf_lsm_verify_prog).
 */
#include "session.bpf.h"

/* Of the kernel's own structures what is read here; libbpf finds the offsets in the running kernel's BTF. */
#define OF_THE_KERNEL __attribute__((preserve_access_index))
struct super_block {
    __u32 s_dev;
} OF_THE_KERNEL;
struct inode {
    struct super_block *i_sb;
    unsigned long i_ino;
} OF_THE_KERNEL;
struct file {
    struct inode *f_inode;
} OF_THE_KERNEL;
struct linux_binprm {
    struct file *file;
    const char *interp;
} OF_THE_KERNEL;
struct task_struct {
    __u64 self_exec_id;
} OF_THE_KERNEL;

const volatile struct execute_rules rules = {};

/*
 * The inodes that are granted. Storage of the inode itself: not its number, which another file may have once this one is gone and which some
 * file systems show differently, so that an entry goes with its inode. The session's Landlock domain, whose rules name the same inodes, keeps
 * them. Such a map cannot be frozen; nothing but its loader has a descriptor of it.
 */
struct {
    __uint(type, BPF_MAP_TYPE_INODE_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, __u8);
} executables SEC(".maps");

/* Whose execve is the launch's. The first to come has the one entry, and nothing takes it away. */
struct launch {
    __u64 task;
    __u64 executions; /* how many the task, and those that it descends from, have behind them: one execve leaves it, and ends by adding to it */
};
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct launch);
} launched SEC(".maps");

/* A `#!` line brings one execve here several times. What descends from the launched process has more executions behind it. */
static __always_inline int is_of_launch(void) {
    struct task_struct *task = bpf_get_current_task_btf();
    const struct launch launch = {.task = bpf_get_current_pid_tgid(), .executions = task->self_exec_id};
    const __u32 zero = 0;
    if (bpf_map_update_elem(&launched, &zero, &launch, BPF_NOEXIST) == 0) return 1;
    const struct launch *first = bpf_map_lookup_elem(&launched, &zero);
    return first && first->task == launch.task && first->executions == launch.executions;
}

/* As stat(2) shows it (new_encode_dev of the kernel is another form, glibc's makedev this one). */
static __always_inline __u64 shown_device(__u32 device) {
    __u64 major = device >> 20, minor = device & 0xfffff;
    return (minor & 0xff) | (major & 0xfff) << 8 | (minor & 0xfff00) << 12;
}

static __always_inline int refuse(struct linux_binprm *program, struct inode *inode) {
    count_denial();
    struct execute_denial *denial = bpf_ringbuf_reserve(&denials, sizeof *denial, 0);
    if (!denial) return lose_denial();
    const union address nowhere = {};
    describe(&denial->denial, bpf_get_current_pid_tgid(), EGRESS_HOOK_EXECUTE, 0, 0, 0, &nowhere, 0);
    denial->inode = inode ? inode->i_ino : 0;
    denial->device = inode ? shown_device(inode->i_sb->s_dev) : 0;
    __builtin_memset(denial->name, 0, sizeof denial->name);
    bpf_probe_read_kernel_str(denial->name, sizeof denial->name, program->interp);
    bpf_ringbuf_submit(denial, 0);
    return DENY;
}

/* security_bprm_check(program) */
SEC("lsm_cgroup/bprm_check_security")
int execute(__u64 *arguments) {
    struct linux_binprm *program = (struct linux_binprm *)arguments[0];
    struct file *file = program->file;
    struct inode *inode = file ? file->f_inode : 0;
    if (!inode || !bpf_inode_storage_get(&executables, inode, 0, 0)) return refuse(program, inode);
    return !rules.once || is_of_launch() ? PERMIT : refuse(program, inode);
}

char execute_license[] SEC("license") = "GPL";
