#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clx_descriptors.h"
#include "launch.h"

/* The memfd: this, then groups, limits, and the strings (path, arguments, environment), each ended by NUL. */
struct header {
    uint32_t magic;
    uint32_t version;
    uint32_t length;
    uint32_t group_count;
    uint32_t limit_count;
    uint32_t argument_count;
    uint32_t environment_count;
    uint32_t strings_length;
    struct cl_specification fixed;
    struct cl_limit limits[CL_LIMITS_MAX];
    uint32_t groups[CL_GROUPS_MAX];
};

enum { specification_magic = 0x73706563, length_max = 4 << 20 };

static const uint32_t known_flags = CL_HAS_DIRECTORY | CL_HAS_RULESET | CL_HAS_SECCOMP | CL_EXEC_ONCE | CL_ONLY_PIPES | CL_CHANGE_IDENTITY |
                                    CL_DROP_BOUNDING | CL_KEEP_PRIVILEGE | CL_WAIT_ARMED | CL_HAS_MOUNTS | CL_HAS_MAPPING |
                                    CL_EMPTY_NETWORK | CL_BY_USER | CL_HAS_CONTROLLERS | CL_HAS_DOOR | CL_OBSERVED;

/* What holds for every specification, on both sides. */
static int check_fixed(const struct cl_specification *fixed) {
    if ((fixed->flags & ~known_flags) != 0) return -EINVAL;
    if (fixed->descriptor_count < 3 || fixed->descriptor_count > CL_DESCRIPTORS_MAX) return -EINVAL;
    if (fixed->controller_count > CL_CONTROLLERS_MAX) return -EINVAL;
    if ((fixed->controller_count > 0) != ((fixed->flags & CL_HAS_CONTROLLERS) != 0)) return -EINVAL;
    if ((fixed->flags & CL_ONLY_PIPES) != 0 && fixed->descriptor_count != 3) return -EINVAL;
    if ((fixed->flags & CL_EXEC_ONCE) != 0 && (fixed->flags & CL_HAS_SECCOMP) == 0) return -EINVAL;
    /* The kernel has one listener for all programs of a process. */
    if ((fixed->flags & CL_OBSERVED) != 0 && (fixed->flags & (CL_EXEC_ONCE | CL_KEEP_PRIVILEGE)) != 0) return -EINVAL;
    /* INVARIANT: nobody becomes root, and what keeps privilege keeps its identity. */
    if ((fixed->flags & CL_CHANGE_IDENTITY) != 0 && (fixed->uid == 0 || (fixed->flags & CL_KEEP_PRIVILEGE) != 0)) return -EPERM;
    if ((fixed->flags & CL_KEEP_PRIVILEGE) != 0 && (fixed->flags & (CL_HAS_SECCOMP | CL_HAS_RULESET)) != 0) return -EINVAL;
    if ((fixed->flags & CL_KEEP_PRIVILEGE) != 0 && (fixed->flags & (CL_HAS_MOUNTS | CL_EMPTY_NETWORK)) != 0) return -EINVAL;
    if ((fixed->flags & CL_HAS_MAPPING) != 0 && (fixed->flags & CL_HAS_MOUNTS) == 0) return -EINVAL;
    const uint32_t behind_door = CL_EMPTY_NETWORK | CL_WAIT_ARMED;
    if ((fixed->flags & CL_HAS_DOOR) != 0 && ((fixed->flags & behind_door) != behind_door || fixed->door_port - 1 > 65534)) return -EINVAL;
    if ((fixed->flags & CL_HAS_DOOR) == 0 && fixed->door_port != 0) return -EINVAL;
    /* A user namespace holds one id: nobody can become another in it. */
    if ((fixed->flags & CL_BY_USER) != 0 && (fixed->flags & CL_CHANGE_IDENTITY) != 0) return -EINVAL;
    return 0;
}

/* How many strings; -EINVAL when the last has no end. */
static int64_t count_strings(const uint8_t *bytes, size_t length) {
    if (length > 0 && bytes[length - 1] != 0) return -EINVAL;
    int64_t count = 0;
    for (size_t i = 0; i < length; i++) count += bytes[i] == 0;
    return count;
}

int cl_specification_descriptor_count(const struct cl_specification *fixed) {
    const uint32_t passed = CL_HAS_DIRECTORY | CL_HAS_RULESET | CL_HAS_SECCOMP | CL_HAS_MOUNTS | CL_HAS_MAPPING;
    int optional = __builtin_popcount(fixed->flags & passed);
    return 1 + optional + (int)fixed->controller_count + (int)fixed->descriptor_count;
}

int cl_specification_write(const struct cl_specification *fixed, const char *path, const uint8_t *arguments, size_t arguments_length,
                           const uint8_t *environment, size_t environment_length, const uint32_t *groups, uint32_t group_count,
                           const struct cl_limit *limits, uint32_t limit_count) {
    int checked = check_fixed(fixed);
    if (checked < 0) return checked;
    if (group_count > CL_GROUPS_MAX || limit_count > CL_LIMITS_MAX) return -E2BIG;
    int64_t argument_count = count_strings(arguments, arguments_length);
    int64_t environment_count = environment_length == 0 ? 0 : count_strings(environment, environment_length);
    if (argument_count < 1 || environment_count < 0 || path[0] == 0) return -EINVAL;
    size_t path_length = strlen(path) + 1;
    size_t strings_length = path_length + arguments_length + environment_length;
    size_t length = sizeof(struct header) + strings_length;
    if (argument_count + environment_count > CL_STRINGS_MAX || length > length_max) return -E2BIG;
    uint8_t *bytes = calloc(1, length);
    if (bytes == NULL) return -ENOMEM;
    struct header *header = (struct header *)bytes;
    *header = (struct header){
        .magic = specification_magic,
        .version = CL_VERSION,
        .length = (uint32_t)length,
        .group_count = group_count,
        .limit_count = limit_count,
        .argument_count = (uint32_t)argument_count,
        .environment_count = (uint32_t)environment_count,
        .strings_length = (uint32_t)strings_length,
        .fixed = *fixed,
    };
    if (limit_count > 0) memcpy(header->limits, limits, sizeof *limits * limit_count);
    if (group_count > 0) memcpy(header->groups, groups, sizeof *groups * group_count);
    uint8_t *strings = bytes + sizeof *header;
    memcpy(strings, path, path_length);
    memcpy(strings + path_length, arguments, arguments_length);
    if (environment_length > 0) memcpy(strings + path_length + arguments_length, environment, environment_length);
    int memory = clx_memfd_sealed("launch", bytes, length);
    explicit_bzero(bytes, length); /* the environment may hold secrets */
    free(bytes);
    return memory;
}

int launch_map_sealed(int memory, size_t maximum, void **mapping, size_t *length) {
    int sealed = clx_memfd_is_sealed(memory);
    if (sealed < 0) return sealed;
    struct stat facts;
    if (fstat(memory, &facts) < 0) return -errno;
    if (!sealed || facts.st_size <= 0 || (size_t)facts.st_size > maximum) return -EINVAL;
    *length = (size_t)facts.st_size;
    *mapping = mmap(NULL, *length, PROT_READ, MAP_PRIVATE, memory, 0);
    return *mapping == MAP_FAILED ? -errno : 0;
}

/* Points at each of the strings that lie one after the other; the caller has counted them. */
static char *point_at_strings(char *text, uint32_t count, char **pointers) {
    for (uint32_t i = 0; i < count; i++) {
        pointers[i] = text;
        text += strlen(text) + 1;
    }
    pointers[count] = NULL;
    return text;
}

/* What a launch points into besides the mappings. Of its own, since the threads of a test launch at once. */
struct room {
    char *pointers[CL_STRINGS_MAX + 2];
    struct sock_filter instructions[CL_SECCOMP_INSTRUCTIONS_MAX];
    struct mounts mounts;
};

static int make_room(struct launch *launch) {
    void *room = mmap(NULL, sizeof *launch->room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED) return -errno;
    launch->room = room;
    return 0;
}

static int read_header(struct launch *launch) {
    const struct header *header = launch->mapping;
    if (launch->mapping_length < sizeof *header || header->magic != specification_magic || header->version != CL_VERSION) return -EINVAL;
    if (header->length != launch->mapping_length || header->strings_length != header->length - sizeof *header) return -EINVAL;
    if (header->group_count > CL_GROUPS_MAX || header->limit_count > CL_LIMITS_MAX) return -EINVAL;
    if ((uint64_t)header->argument_count + header->environment_count > CL_STRINGS_MAX || header->argument_count < 1) return -EINVAL;
    char *strings = (char *)launch->mapping + sizeof *header;
    int64_t count = count_strings((const uint8_t *)strings, header->strings_length);
    if (count != 1 + (int64_t)header->argument_count + header->environment_count) return -EINVAL;
    launch->fixed = header->fixed;
    launch->groups = header->groups;
    launch->group_count = header->group_count;
    launch->limits = header->limits;
    launch->limit_count = header->limit_count;
    launch->path = strings;
    launch->arguments = launch->room->pointers;
    launch->environment = launch->arguments + header->argument_count + 1;
    char *rest = point_at_strings(strings + strlen(strings) + 1, header->argument_count, launch->arguments);
    point_at_strings(rest, header->environment_count, launch->environment);
    return check_fixed(&launch->fixed);
}

static int read_program(struct launch *launch, int memory) {
    struct sock_filter *instructions = launch->room->instructions;
    void *mapping = NULL;
    size_t length = 0;
    int result = launch_map_sealed(memory, sizeof launch->room->instructions, &mapping, &length);
    if (result < 0) return result;
    if (length % sizeof(struct sock_filter) != 0) result = -EINVAL;
    else memcpy(instructions, mapping, length);
    munmap(mapping, length);
    launch->program = (struct sock_fprog){.len = (unsigned short)(length / sizeof(struct sock_filter)), .filter = instructions};
    return result;
}

int launch_read(struct launch *launch, enum cl_role role, const int *descriptors, int count, bool without_stdio, enum cl_step *failed) {
    *launch = (struct launch){.role = role, .directory = -1, .ruleset = -1, .mapping_namespace = -1};
    *failed = CL_STEP_READ_SPECIFICATION;
    if (count < 1) return -EINVAL;
    int result = launch_fault(role, *failed);
    if (result == 0) result = launch_map_sealed(descriptors[0], length_max, &launch->mapping, &launch->mapping_length);
    if (result < 0) return result;
    result = make_room(launch);
    if (result == 0) result = read_header(launch);
    int wanted = cl_specification_descriptor_count(&launch->fixed) - (without_stdio ? (int)launch->fixed.descriptor_count : 0);
    if (result == 0 && wanted != count) result = -EINVAL;
    int next = 1;
    if (result == 0) {
        if ((launch->fixed.flags & CL_HAS_DIRECTORY) != 0) launch->directory = descriptors[next++];
        if ((launch->fixed.flags & CL_HAS_RULESET) != 0) launch->ruleset = descriptors[next++];
        if ((launch->fixed.flags & CL_HAS_SECCOMP) != 0) {
            result = launch_fault(role, CL_STEP_READ_SECCOMP);
            if (result == 0) result = read_program(launch, descriptors[next++]);
            if (result < 0) *failed = CL_STEP_READ_SECCOMP;
        }
        if (result == 0 && (launch->fixed.flags & CL_HAS_MOUNTS) != 0) {
            result = mounts_read(descriptors[next++], &launch->room->mounts);
            launch->mounts = &launch->room->mounts;
        }
        if ((launch->fixed.flags & CL_HAS_MAPPING) != 0) launch->mapping_namespace = descriptors[next++];
    }
    for (uint32_t i = 0; result == 0 && i < launch->fixed.controller_count; i++) launch->controllers[i] = descriptors[next++];
    uint32_t own = without_stdio ? 0 : launch->fixed.descriptor_count;
    for (uint32_t i = 0; result == 0 && i < own; i++) launch->descriptors[i] = descriptors[next++];
    if (result < 0) launch_release(launch);
    return result;
}

void launch_release(struct launch *launch) {
    if (launch->mapping != NULL) munmap(launch->mapping, launch->mapping_length);
    launch->mapping = NULL;
    if (launch->mounts != NULL) mounts_release(&launch->room->mounts);
    launch->mounts = NULL;
    if (launch->room != NULL) munmap(launch->room, sizeof *launch->room);
    launch->room = NULL;
}
