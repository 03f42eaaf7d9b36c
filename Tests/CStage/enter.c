#define _GNU_SOURCE
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CStage.h"

static int bring_up_loopback(void) {
    int socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return -errno;
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK};
    int result = ioctl(socket_, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
    close(socket_);
    return result;
}

/* `local default dev lo`: whatever the address, it is this machine's. */
static int make_all_local(int netlink, unsigned char family) {
    struct {
        struct nlmsghdr header;
        struct rtmsg route;
        struct rtattr attribute;
        uint32_t interface;
    } request = {
        .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_NEWROUTE, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE},
        .route = {.rtm_family = family, .rtm_table = RT_TABLE_LOCAL, .rtm_protocol = RTPROT_STATIC, .rtm_scope = RT_SCOPE_HOST, .rtm_type = RTN_LOCAL},
        .attribute = {.rta_len = RTA_LENGTH(sizeof request.interface), .rta_type = RTA_OIF},
        .interface = 1,
    };
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[256];
    } answer;
    if (send(netlink, &request, sizeof request, 0) < 0 || recv(netlink, &answer, sizeof answer, 0) < 0) return -errno;
    return answer.header.nlmsg_type == NLMSG_ERROR ? answer.error.error : -EPROTO;
}

static int make_routes(void) {
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (netlink < 0) return -errno;
    int result = make_all_local(netlink, AF_INET);
    if (result == 0) result = make_all_local(netlink, AF_INET6);
    close(netlink);
    return result;
}

int cs_enter(void) {
    if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC) < 0) return -errno;
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return -errno;
    int result = bring_up_loopback();
    return result < 0 ? result : make_routes();
}

int cs_mount(const char *type, const char *path) { return mount(type, path, type, 0, NULL) < 0 ? -errno : 0; }

int cs_unmount(const char *path) { return umount2(path, MNT_DETACH) < 0 ? -errno : 0; }
