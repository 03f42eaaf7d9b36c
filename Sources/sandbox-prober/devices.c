/* Devices and terminals. */
#define _GNU_SOURCE
#include "attempt.h"

#include <fcntl.h>
#include <linux/tiocl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

/* Types into a terminal what it was given. */
static int type_into(int terminal, unsigned long request, const char *text)
{
    for (; *text; text++)
        if (syscall(SYS_ioctl, terminal, request, text) < 0)
            return errno;
    return 0;
}

static int type_at(char **words, unsigned long request)
{
    int terminal = open(words[0], O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0)
        return errno;
    return close_with(terminal, type_into(terminal, request, words[1]));
}

ACT(type) { WANT(2); return type_at(words, TIOCSTI); }
ACT(type_high_bit) { WANT(2); return type_at(words, HIGH_BIT | TIOCSTI); }

/* TIOCLINUX exists on consoles alone; a filter answers before the device does. ENOTTY, EINVAL: it came through. */
static int paste(unsigned long request)
{
    char what = TIOCL_PASTESEL;
    int device = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (device < 0)
        return errno;
    int error = syscall(SYS_ioctl, device, request, &what) < 0 ? errno : 0;
    return close_with(device, error == ENOTTY || error == EINVAL ? 0 : error);
}

ACT(paste_console) { WANT(0); return paste(TIOCLINUX); }
ACT(paste_console_high_bit) { WANT(0); return paste(HIGH_BIT | TIOCLINUX); }
ACT(type_nowhere) { WANT(0); return paste(TIOCSTI); }

/* An ioctl of a device that its user may open. FIONREAD asks nothing of it; the word is the device. */
ACT(ask_device)
{
    WANT(1);
    int waiting = 0, device = open(words[0], O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (device < 0)
        return errno;
    return close_with(device, ioctl(device, TIOCGWINSZ, (char[64]){0}) < 0 && ioctl(device, FIONREAD, &waiting) < 0 ? errno : 0);
}

/* A terminal of its own. */
ACT(new_terminal)
{
    WANT(0);
    return had(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
}

const struct act device_acts[] = {
    {"type", type, "TERMINAL TEXT", "types into a terminal (TIOCSTI)"},
    {"type-high-bit", type_high_bit, "TERMINAL TEXT", "the same, a high bit set in the request"},
    {"type-nowhere", type_nowhere, "", "the same at /dev/null, which answers that it is no terminal"},
    {"paste-console", paste_console, "", "pastes into a console (TIOCLINUX), tried at /dev/null"},
    {"paste-console-high-bit", paste_console_high_bit, "", "the same, a high bit set in the request"},
    {"ask-device", ask_device, "DEVICE", "asks a device by ioctl"},
    {"new-terminal", new_terminal, "", "makes a terminal of its own"},
    {0},
};
