#define _GNU_SOURCE
#include <CFaults.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "CLaunch.h"

int launch_fault(enum cl_role role, enum cl_step step);

struct fault {
    char serial[32];
    char who[16];
    char step[32];
    int time;
    int error;
};

static struct fault fault;
static bool is_keeper, is_finder;
static int times_reached;

void cf_is_keeper(void) { is_keeper = true; }
void cf_is_finder(void) { is_finder = true; }

/* A file of this name in the directory of this program. */
static const char *beside(const char *name) {
    static char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 32);
    if (length <= 0) abort();
    path[length] = 0;
    strcpy(strrchr(path, '/') + 1, name);
    return path;
}

static void read_fault(void) {
    char text[128] = {0};
    struct fault found = {0};
    int file = open(beside("faults"), O_RDONLY | O_CLOEXEC);
    if (file >= 0 && read(file, text, sizeof text - 1) < 0) abort();
    if (file >= 0) close(file);
    /* Without a line nothing fails. */
    if (sscanf(text, "%31s %15s %31s %d %d", found.serial, found.who, found.step, &found.time, &found.error) != 5) found = (struct fault){0};
    if (strcmp(found.serial, fault.serial) != 0) times_reached = 0;
    fault = found;
}

static int strike(void) {
    if (fault.error == 0) raise(SIGKILL);
    return -fault.error;
}

/* For those who want to know where the time goes. */
static void note(const char *step) {
    struct timespec now;
    int file = open(beside("steps"), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file < 0) return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    dprintf(file, "%s %lld\n", step, (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    close(file);
}

int cf_daemon_reaches(const char *step) {
    note(step);
    read_fault();
    if (strcmp(fault.who, "daemon") != 0 || strcmp(fault.step, step) != 0) return 0;
    return ++times_reached == fault.time ? strike() : 0;
}

static const char *who_is(enum cl_role role) {
    if (role == CL_ROLE_GATE) return "gate";
    if (role == CL_ROLE_SERVER) return "server";
    if (role == CL_ROLE_SELF_TEST) return "self-test";
    if (role == CL_ROLE_PROXY) return "proxy";
    if (is_finder) return "waiting-finder";
    if (is_keeper) return "keeper";
    return role == CL_ROLE_FINDER ? "finder" : "start-keeper";
}

/* The first step of each program is taken before the clone, by whoever may read the file; that of a finder before it is somebody else. */
int launch_fault(enum cl_role role, enum cl_step step) {
    if (step == CL_STEP_READ_SPECIFICATION || (is_finder && step == CL_STEP_CLEAR_AMBIENT)) read_fault();
    if (strcmp(fault.who, who_is(role)) != 0 || atoi(fault.step) != (int)step) return 0;
    return strike();
}
