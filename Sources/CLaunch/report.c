#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "cl_session.h"
#include "clx_sockets.h"

int cl_send_order(int socket, const struct cl_order *order, const int *descriptors, int descriptor_count) {
    ssize_t sent = clx_send(socket, order, sizeof *order, descriptors, descriptor_count, 1);
    if (sent < 0) return (int)sent;
    return sent == (ssize_t)sizeof *order ? 0 : -EIO;
}

int cl_receive_report(int socket, struct cl_report *report, int *descriptors, int capacity, int *descriptor_count) {
    ssize_t received = clx_receive(socket, report, sizeof *report, descriptors, capacity, descriptor_count, 1);
    /* A keeper that ended with an order unread: told once, and before the reports that it left (unix_release_sock). */
    if (received == -ECONNRESET) received = clx_receive(socket, report, sizeof *report, descriptors, capacity, descriptor_count, 1);
    if (received == (ssize_t)sizeof *report && report->version == CL_VERSION) return 1;
    for (int i = 0; i < *descriptor_count; i++) close(descriptors[i]);
    *descriptor_count = 0;
    if (received == 0 || received == -ECONNRESET) return 0;
    return received < 0 ? (int)received : -EPROTO;
}
