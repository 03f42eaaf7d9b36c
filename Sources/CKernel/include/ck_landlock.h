/*
 * Why: the Landlock calls have no glibc wrapper, and their structures grow with the kernel; the constants here are our own, so that the
 * build does not depend on the age of the installed headers.
 */
#pragma once

#include <stdint.h>

#pragma clang assume_nonnull begin

#define CK_FS_EXECUTE (1ull << 0)
#define CK_FS_WRITE_FILE (1ull << 1)
#define CK_FS_READ_FILE (1ull << 2)
#define CK_FS_READ_DIR (1ull << 3)
#define CK_FS_REMOVE_DIR (1ull << 4)
#define CK_FS_REMOVE_FILE (1ull << 5)
#define CK_FS_MAKE_CHAR (1ull << 6)
#define CK_FS_MAKE_DIR (1ull << 7)
#define CK_FS_MAKE_REG (1ull << 8)
#define CK_FS_MAKE_SOCK (1ull << 9)
#define CK_FS_MAKE_FIFO (1ull << 10)
#define CK_FS_MAKE_BLOCK (1ull << 11)
#define CK_FS_MAKE_SYM (1ull << 12)
#define CK_FS_REFER (1ull << 13)        /* ABI 2 */
#define CK_FS_TRUNCATE (1ull << 14)     /* ABI 3 */
#define CK_FS_IOCTL_DEV (1ull << 15)    /* ABI 5 */
#define CK_FS_RESOLVE_UNIX (1ull << 16) /* ABI 9 */

#define CK_NET_BIND_TCP (1ull << 0)    /* ABI 4 */
#define CK_NET_CONNECT_TCP (1ull << 1) /* ABI 4 */

#define CK_SCOPE_ABSTRACT_UNIX (1ull << 0) /* ABI 6 */
#define CK_SCOPE_SIGNAL (1ull << 1)        /* ABI 6 */

/* Flags of landlock_restrict_self, ABI 7. */
#define CK_LANDLOCK_LOG_NEW_EXEC_ON 2u

/* landlock_create_ruleset(VERSION): the ABI, or -errno (-ENOSYS not built, -EOPNOTSUPP switched off). */
int ck_landlock_abi(void);
/* landlock_create_ruleset(ERRATA): the mask of fixed errata, or -EINVAL before ABI 7. */
int ck_landlock_errata(void);
/* Returns a ruleset descriptor. A right that the kernel does not know is -EINVAL or -E2BIG: nothing is dropped. */
int ck_landlock_create_ruleset(uint64_t handled_fs, uint64_t handled_net, uint64_t scoped);
/* Permits `rights` on the open file or below the open directory (O_PATH will do). Directory rights on a file are -EINVAL. */
int ck_landlock_add_path(int ruleset, int descriptor, uint64_t rights);
/* Permits `rights` for this TCP port. */
int ck_landlock_add_port(int ruleset, uint16_t port, uint64_t rights);

#pragma clang assume_nonnull end
