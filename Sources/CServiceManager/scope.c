#define _GNU_SOURCE
#include "csm_scope.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* MARK: libsystemd, as far as it is used (sd-bus(3)) */

typedef struct sd_bus sd_bus;
typedef struct sd_bus_message sd_bus_message;
typedef struct sd_bus_slot sd_bus_slot;
typedef struct {
    const char *name;
    const char *message;
    int need_free;
} sd_bus_error;
typedef int (*reply_handler)(sd_bus_message *message, void *context, sd_bus_error *error);

struct library {
    int (*new)(sd_bus **bus);
    int (*set_address)(sd_bus *bus, const char *address);
    int (*set_bus_client)(sd_bus *bus, int yes);
    int (*start)(sd_bus *bus);
    int (*get_fd)(sd_bus *bus);
    int (*process)(sd_bus *bus, sd_bus_message **message);
    int (*wait)(sd_bus *bus, uint64_t microseconds);
    int (*new_call)(sd_bus *bus, sd_bus_message **call, const char *service, const char *path, const char *interface, const char *member);
    int (*append)(sd_bus_message *call, const char *types, ...);
    int (*call_async)(sd_bus *bus, sd_bus_slot **slot, sd_bus_message *call, reply_handler handler, void *context, uint64_t microseconds);
    const sd_bus_error *(*get_error)(sd_bus_message *message);
    sd_bus_message *(*unref_message)(sd_bus_message *message);
    sd_bus *(*close_unref)(sd_bus *bus);
};

static bool find(void *handle, const char *name, void *place) {
    void *symbol = dlsym(handle, name);
    memcpy(place, &symbol, sizeof symbol); /* ISO C has no cast between data and functions */
    return symbol != NULL;
}

/* The handle stays open: the process asks once. */
static bool load(struct library *library) {
    void *handle = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    return handle != NULL && find(handle, "sd_bus_new", &library->new) && find(handle, "sd_bus_set_address", &library->set_address) &&
           find(handle, "sd_bus_set_bus_client", &library->set_bus_client) && find(handle, "sd_bus_start", &library->start) &&
           find(handle, "sd_bus_get_fd", &library->get_fd) && find(handle, "sd_bus_process", &library->process) &&
           find(handle, "sd_bus_wait", &library->wait) && find(handle, "sd_bus_message_new_method_call", &library->new_call) &&
           find(handle, "sd_bus_message_append", &library->append) && find(handle, "sd_bus_call_async", &library->call_async) &&
           find(handle, "sd_bus_message_get_error", &library->get_error) &&
           find(handle, "sd_bus_message_unref", &library->unref_message) && find(handle, "sd_bus_close_unref", &library->close_unref);
}

/* MARK: one request */

struct request {
    struct library functions;
    sd_bus *bus;
    int64_t deadline; /* microseconds */
    bool answered;
    bool refused;
    char *problem;
    size_t capacity;
};

static int64_t now_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000ll + now.tv_nsec / 1000;
}

static int on_reply(sd_bus_message *message, void *context, sd_bus_error *error) {
    (void)error;
    struct request *request = context;
    const sd_bus_error *refusal = request->functions.get_error(message);
    request->answered = true;
    request->refused = refusal != NULL;
    if (refusal == NULL) return 0;
    const char *name = refusal->name == NULL ? "an error" : refusal->name;
    snprintf(request->problem, request->capacity, "%s: %s", name, refusal->message == NULL ? "" : refusal->message);
    return 0;
}

/* Who listens there must be root or this user, and see processes by the numbers that this process sees. */
static int check_peer(struct request *request) {
    int socket = request->functions.get_fd(request->bus);
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (socket < 0) return socket;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -errno;
    if (peer.uid != 0 && peer.uid != geteuid()) return -EPERM;
    return peer.pid > 0 ? 0 : -EXDEV;
}

static int connect_to(struct request *request, const char *address) {
    struct library *library = &request->functions;
    int result = library->new(&request->bus);
    if (result >= 0) result = library->set_address(request->bus, address);
    if (result >= 0) result = library->set_bus_client(request->bus, 1);
    if (result >= 0) result = library->start(request->bus);
    return result < 0 ? result : check_peer(request);
}

static int send_call(struct request *request, const char *name, uint32_t pid) {
    struct library *library = &request->functions;
    sd_bus_message *call = NULL;
    int result = library->new_call(request->bus, &call, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                                   "org.freedesktop.systemd1.Manager", "StartTransientUnit");
    if (result < 0) return result;
    /* Name, mode, properties, no further units. */
    result = library->append(call, "ssa(sv)a(sa(sv))", name, "fail", 4,
                             "PIDs", "au", 1, pid,
                             "Delegate", "b", 1,
                             "Description", "s", "a session of sandboxd without a daemon",
                             "CollectMode", "s", "inactive-or-failed",
                             0);
    /* Whoever waits gives up before the library would make an answer of its own. */
    const uint64_t never = 3600 * 1000000ull;
    if (result >= 0) result = library->call_async(request->bus, NULL, call, on_reply, request, never);
    library->unref_message(call);
    return result;
}

/* sd_bus_call(3) would wait for a peer that says nothing at all for longer than anybody waits for a session. */
static int await_reply(struct request *request) {
    while (!request->answered) {
        int result = request->functions.process(request->bus, NULL);
        if (result < 0) return result;
        int64_t left = request->deadline - now_microseconds();
        if (!request->answered && left <= 0) return -ETIMEDOUT;
        if (result == 0 && !request->answered) result = request->functions.wait(request->bus, (uint64_t)left);
        if (result < 0 && result != -EINTR) return result;
    }
    return request->refused ? -EACCES : 0;
}

int csm_start_scope(const char *address, const char *name, uint32_t pid, uint32_t milliseconds, char *problem, size_t capacity) {
    struct request request = {.deadline = now_microseconds() + milliseconds * 1000ll, .problem = problem, .capacity = capacity};
    problem[0] = 0;
    if (!load(&request.functions)) return -ENOENT;
    int result = connect_to(&request, address);
    if (result >= 0) result = send_call(&request, name, pid);
    if (result >= 0) result = await_reply(&request);
    if (request.bus != NULL) request.functions.close_unref(request.bus);
    return result < 0 ? result : 0;
}
