#include "ck_flows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Linux 5.7; older headers do not have it. */
enum { ATTRIBUTE_CGROUP_ID = 21 };
enum { ANSWER_BYTES = 32 << 10 };

struct question {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
};

int ck_flows_open(void) {
    int diag = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (diag < 0) return -errno;
    struct timeval patience = {.tv_sec = 2};
    if (setsockopt(diag, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0) {
        int error = errno;
        close(diag);
        return -error;
    }
    return diag;
}

static int ask(int diag, struct question *question) {
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    ssize_t sent = sendto(diag, question, sizeof *question, 0, (struct sockaddr *)&kernel, sizeof kernel);
    return sent == (ssize_t)sizeof *question ? 0 : -errno;
}

/* Bytes of one answer of the kernel's own, or -errno. */
static ssize_t answer(int diag, char *buffer) {
    for (;;) {
        struct sockaddr_nl from;
        socklen_t length = sizeof from;
        ssize_t count = recvfrom(diag, buffer, ANSWER_BYTES, 0, (struct sockaddr *)&from, &length);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -errno;
        if (from.nl_pid == 0) return count;
    }
}

static uint64_t cgroup_of(const struct nlmsghdr *header) {
    int rest = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof(struct inet_diag_msg)));
    const struct rtattr *attribute = (const struct rtattr *)((const char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct inet_diag_msg)));
    for (; RTA_OK(attribute, rest); attribute = RTA_NEXT(attribute, rest)) {
        uint64_t id;
        if (attribute->rta_type != ATTRIBUTE_CGROUP_ID || RTA_PAYLOAD(attribute) < sizeof id) continue;
        memcpy(&id, RTA_DATA(attribute), sizeof id);
        return id;
    }
    return 0;
}

static void read_flow(const struct nlmsghdr *header, uint8_t protocol, struct ck_flow *flow) {
    const struct inet_diag_msg *message = NLMSG_DATA(header);
    memset(flow, 0, sizeof *flow);
    memcpy(flow->local, message->id.idiag_src, sizeof flow->local);
    memcpy(flow->remote, message->id.idiag_dst, sizeof flow->remote);
    memcpy(flow->cookie, message->id.idiag_cookie, sizeof flow->cookie);
    flow->interface = message->id.idiag_if;
    flow->local_port = ntohs(message->id.idiag_sport);
    flow->remote_port = ntohs(message->id.idiag_dport);
    flow->family = message->idiag_family;
    flow->protocol = protocol;
    flow->state = message->idiag_state;
    flow->cgroup = cgroup_of(header);
}

int64_t ck_flows_list(int diag, uint8_t family, uint8_t protocol, struct ck_flow *flows, size_t capacity) {
    struct question question = {
        .header = {.nlmsg_len = sizeof question, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .request = {.sdiag_family = family, .sdiag_protocol = protocol, .idiag_states = ~0u},
    };
    int result = ask(diag, &question);
    if (result < 0) return result;
    size_t found = 0;
    char buffer[ANSWER_BYTES] __attribute__((aligned(8)));
    for (;;) {
        ssize_t count = answer(diag, buffer);
        if (count < 0) return count;
        size_t rest = (size_t)count;
        for (struct nlmsghdr *header = (struct nlmsghdr *)buffer; NLMSG_OK(header, rest); header = NLMSG_NEXT(header, rest)) {
            if (header->nlmsg_flags & NLM_F_DUMP_INTR) return -EAGAIN;
            if (header->nlmsg_type == NLMSG_DONE) return (int64_t)found;
            if (header->nlmsg_type == NLMSG_ERROR) return ((struct nlmsgerr *)NLMSG_DATA(header))->error;
            if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || header->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg))) continue;
            if (found < capacity && flows != NULL) read_flow(header, protocol, &flows[found]);
            found++;
        }
    }
}

int ck_flows_end(int diag, const struct ck_flow *flow) {
    struct question question = {
        .header = {.nlmsg_len = sizeof question, .nlmsg_type = SOCK_DESTROY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
        .request = {.sdiag_family = flow->family, .sdiag_protocol = flow->protocol, .idiag_states = ~0u},
    };
    memcpy(question.request.id.idiag_src, flow->local, sizeof flow->local);
    memcpy(question.request.id.idiag_dst, flow->remote, sizeof flow->remote);
    memcpy(question.request.id.idiag_cookie, flow->cookie, sizeof flow->cookie);
    question.request.id.idiag_sport = htons(flow->local_port);
    question.request.id.idiag_dport = htons(flow->remote_port);
    question.request.id.idiag_if = flow->interface;
    int result = ask(diag, &question);
    if (result < 0) return result;
    char buffer[ANSWER_BYTES] __attribute__((aligned(8)));
    ssize_t count = answer(diag, buffer);
    if (count < 0) return (int)count;
    struct nlmsghdr *header = (struct nlmsghdr *)buffer;
    if (!NLMSG_OK(header, (size_t)count) || header->nlmsg_type != NLMSG_ERROR) return -EBADMSG;
    return ((struct nlmsgerr *)NLMSG_DATA(header))->error;
}
