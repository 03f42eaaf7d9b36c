/* Addresses from words. */
#ifndef ADDRESSES_H
#define ADDRESSES_H

#include <sys/socket.h>
#include <sys/un.h>

/* An address and a port of either family; its length. */
socklen_t inet(struct sockaddr_storage *into, const char *address, const char *port);

/* A path, or after `@` an abstract name; its length. */
socklen_t local(struct sockaddr_un *into, const char *path);

/* Sends the nonce on a connected socket and closes it. */
int deliver(int descriptor, const char *nonce);

/* Connects and delivers; takes the descriptor, which may be a failed one. */
int connect_and_deliver(int descriptor, const void *to, socklen_t length, const char *nonce);

/* The socket that whoever listens at a path passes to those who come; -1 with errno if none came. */
int receive_socket(const char *path);

#endif
