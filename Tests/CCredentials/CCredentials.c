#include "CCredentials.h"

#include <sys/fsuid.h>

void tc_set_file_user(uint32_t uid, uint32_t gid) {
    (void)setfsgid(gid);
    (void)setfsuid(uid);
}
