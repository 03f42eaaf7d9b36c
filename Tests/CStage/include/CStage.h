/*
 * A stage of a test's own: namespaces that the calling thread enters for good, in which every address of both families is local and
 * whoever performs can reach nothing of the host; and the receivers that tell what came.
 */
#pragma once

#include <stdint.h>

#pragma clang assume_nonnull begin

/*
 * The calling thread enters a network namespace, a mount namespace and an IPC namespace of its own: all addresses lead to its loopback
 * device, and mounts stay here. They go with the thread and its children. 0, or -errno.
 */
int cs_enter(void);

/* Mounts what lasts as long as the stage. `type` is `bpf` or `tmpfs`. 0, or -errno. */
int cs_mount(const char *type, const char *path);
/* Takes it away again, even where it is in use. */
int cs_unmount(const char *path);

/* A socket of ours on this port of every address of both families; it waits for nobody. A descriptor, or -errno. */
int cs_listen(uint16_t port);
int cs_receive_datagrams(uint16_t port, int is_lite);

/* The same for unix sockets; a name that begins with @ is abstract. The file may be used by everybody. */
int cs_listen_local(const char *name);
int cs_receive_local_datagrams(const char *name);

/* What came, where, and how. The address is IPv6, IPv4 as ::ffff:a.b.c.d; zero for unix sockets. */
struct cs_arrival {
    uint8_t address[16];
    char text[128];
};

/* Takes the next connection of a listener, or the next datagram of another socket. 1, 0 when there is none, or -errno. */
int cs_take(int socket, int is_listener, struct cs_arrival *arrival);

/* As an outsider: connects to this endpoint and sends, or sends a datagram. The address is IPv6, IPv4 as ::ffff:a.b.c.d. 0, or -errno. */
int cs_send_stream(const uint8_t address[_Nonnull 16], uint16_t port, const char *text);
int cs_send_datagram(const uint8_t address[_Nonnull 16], uint16_t port, const char *text);
/* The same from an endpoint of ours. */
int cs_send_datagram_from(
    const uint8_t source[_Nonnull 16], uint16_t source_port, const uint8_t address[_Nonnull 16], uint16_t port, const char *text);

/* Signals that wait for a process (ShdPnd and SigPnd of its status), one bit each from 1 on. 0 when it is gone. */
uint64_t cs_pending_signals(int process);

/* poll(2) for reading. 1, 0 when the time has passed, or -errno. */
int cs_wait_readable(int descriptor, int milliseconds);

/* The value of the attribute `user.act`; its length, or -errno. */
int cs_attribute(const char *path, char *value, int size);

#pragma clang assume_nonnull end
