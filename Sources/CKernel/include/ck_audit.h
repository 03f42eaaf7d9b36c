/*
 * Why: the kernel's audit log is read over netlink, whose structures and filters are macros. Nothing here changes what is logged: it is asked
 * whether audit is on (AUDIT_GET), and one multicast group is listened to.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#pragma clang assume_nonnull begin

/* Records of Landlock (Linux 6.15): an act that was denied, and the domain that denies, when it first does and when it is gone. */
#define CK_AUDIT_LANDLOCK_ACCESS 1423
#define CK_AUDIT_LANDLOCK_DOMAIN 1424
/* Room for the longest record. */
#define CK_AUDIT_RECORD_MAX 16384

/* A socket for the two below: non-blocking, of no group. */
int ck_audit_open_status(void);
/* Asks whether audit is on (AUDIT_GET): 0, or -errno. */
int ck_audit_ask(int socket);
/* The answer: 0 off, 1 on, 2 on and locked; -EAGAIN while there is none, or what the kernel answered (-EPERM without CAP_AUDIT_CONTROL). */
int ck_audit_answer(int socket);
/* Both, with a wait of at most a second (-ETIMEDOUT). */
int ck_audit_enabled(void);

/*
 * A non-blocking socket that gets Landlock's records, and no others, from now on (AUDIT_NLGRP_READLOG; needs CAP_AUDIT_READ, and gets nothing
 * outside of the first network namespace). `room`: bytes that may wait in it.
 */
int ck_audit_open_records(int room);
/*
 * The text of the next record and its type; at most `capacity` bytes. -EAGAIN: there is none; -ENOBUFS: some were lost, and what comes next is
 * later than these; -EBADMSG: it was no record of the kernel's, and is gone.
 */
ssize_t ck_audit_receive(int socket, uint16_t *type, char *text, size_t capacity);

#pragma clang assume_nonnull end
