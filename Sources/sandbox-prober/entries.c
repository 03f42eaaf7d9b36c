/* The other two entries to the kernel of x86-64: `int 0x80` with the numbers and registers of i386, and x32, whose numbers
 * carry a bit of their own. Other processors say ENOSYS. */
#define _GNU_SOURCE
#include "addresses.h"
#include "attempt.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifdef __x86_64__
#define X32 0x40000000L

static long call32(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

/* Memory below 4 GiB, which 32-bit pointers reach; never given back: a page per act. */
static char *low_page(void)
{
    static char *page;
    if (!page)
        page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    return page == MAP_FAILED ? NULL : page;
}

static int said_by(long result)
{
    return result < 0 ? (int)-result : 0;
}

ACT(tcp_int80)
{
    WANT(3);
    char *low = low_page();
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    if (!low)
        return ENOMEM;
    memcpy(low, &to, length);
    snprintf(low + 2048, 1024, "%s", words[2]);
    long descriptor = call32(359, to.ss_family, SOCK_STREAM, 0); /* socket */
    if (descriptor < 0)
        return said_by(descriptor);
    long result = call32(362, descriptor, (long)low, length); /* connect */
    if (result == 0)
        result = call32(4, descriptor, (long)(low + 2048), (long)strlen(words[2])); /* write */
    return close_with((int)descriptor, said_by(result));
}

/* socketcall(2), which carries its arguments in memory. */
ACT(tcp_socketcall)
{
    WANT(3);
    char *low = low_page();
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    if (!low)
        return ENOMEM;
    memcpy(low, &to, length);
    unsigned *arguments = (unsigned *)(low + 1024);
    arguments[0] = to.ss_family, arguments[1] = SOCK_STREAM, arguments[2] = 0;
    long descriptor = call32(102, 1 /* SYS_SOCKET */, (long)arguments, 0);
    if (descriptor < 0)
        return said_by(descriptor);
    arguments[0] = (unsigned)descriptor, arguments[1] = (unsigned)(unsigned long)low, arguments[2] = length;
    long result = call32(102, 3 /* SYS_CONNECT */, (long)arguments, 0);
    if (result != 0)
        return close_with((int)descriptor, said_by(result));
    return deliver((int)descriptor, words[2]);
}

ACT(read_int80)
{
    WANT(1);
    char *low = low_page();
    if (!low)
        return ENOMEM;
    snprintf(low, 4096, "%s", words[0]);
    long descriptor = call32(5, (long)low, O_RDONLY, 0); /* open */
    return descriptor < 0 ? said_by(descriptor) : contents((int)descriptor, said, size);
}

/* The child is made by the other entry; it does the rest by the ordinary one. */
ACT(fork_int80)
{
    WANT(2);
    long child = call32(2, 0, 0, 0);
    if (child < 0)
        return said_by(child);
    return child_marks((pid_t)child, words);
}

ACT(tcp_x32)
{
    WANT(3);
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    long descriptor = syscall(X32 | SYS_socket, (long)to.ss_family, (long)SOCK_STREAM, 0L);
    if (descriptor < 0)
        return errno;
    if (syscall(X32 | SYS_connect, descriptor, &to, (long)length) != 0)
        return close_with((int)descriptor, errno);
    return deliver((int)descriptor, words[2]);
}

ACT(read_x32)
{
    WANT(1);
    return contents((int)syscall(X32 | SYS_open, words[0], O_RDONLY | O_CLOEXEC, 0), said, size);
}

ACT(fork_x32)
{
    WANT(2);
    return child_marks((pid_t)syscall(X32 | SYS_fork), words);
}
#else
ACT(tcp_int80) { WANT(0); return ENOSYS; }
ACT(tcp_socketcall) { WANT(0); return ENOSYS; }
ACT(read_int80) { WANT(0); return ENOSYS; }
ACT(fork_int80) { WANT(0); return ENOSYS; }
ACT(tcp_x32) { WANT(0); return ENOSYS; }
ACT(read_x32) { WANT(0); return ENOSYS; }
ACT(fork_x32) { WANT(0); return ENOSYS; }
#endif

const struct act entry_acts[] = {
    {"tcp-int80", tcp_int80, "ADDRESS PORT NONCE", "connects over TCP by the 32-bit entry"},
    {"tcp-socketcall", tcp_socketcall, "ADDRESS PORT NONCE", "connects over TCP by socketcall of the 32-bit entry"},
    {"read-int80", read_int80, "PATH", "reads a file opened by the 32-bit entry"},
    {"fork-int80", fork_int80, "MARK NONCE", "makes a child by the 32-bit entry, which writes the nonce to the mark"},
    {"tcp-x32", tcp_x32, "ADDRESS PORT NONCE", "connects over TCP by the x32 entry"},
    {"read-x32", read_x32, "PATH", "reads a file opened by the x32 entry"},
    {"fork-x32", fork_x32, "MARK NONCE", "makes a child by the x32 entry, which writes the nonce to the mark"},
    {0},
};
