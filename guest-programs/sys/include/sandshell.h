/*
 * sandshell.h: the program module `sandshell_v1` for C programs built to Wasm (wasm32-wasip1).
 *
 * WASI preview 1 has no working directory, processes, signals, owners or mode bits; these functions give them.
 * `wit/program.md` is their reference. Every function answers a preview 1 errno (`__WASI_ERRNO_*`, the numbers of
 * wasi-libc's <errno.h>), 0 for success. Paths are bytes with a length, not NUL-terminated; a relative path starts at
 * the process's working directory, which a program learns from sandshell_getcwd: wasi-libc starts at `/`.
 * Records are little-endian and as the structs below lay them out.
 *
 * Link nothing: the functions are imports. They exist only inside sandshell.
 */
#ifndef SANDSHELL_H
#define SANDSHELL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define SANDSHELL_ASSERT(condition, text) static_assert(condition, text)
#else
#define SANDSHELL_ASSERT(condition, text) _Static_assert(condition, text)
#endif

#if defined(__wasm32__)
#define SANDSHELL_IMPORT(name) __attribute__((__import_module__("sandshell_v1"), __import_name__(name)))
#else
/* The header can be read on other targets, to check sources; there is nothing to link there. */
#define SANDSHELL_IMPORT(name)
#endif

/* An answer: 0, or an errno. It must be looked at. */
#define SANDSHELL_ANSWER __attribute__((__warn_unused_result__)) int32_t

/* "Keep what there is" of sandshell_chown and sandshell_fchown; of sandshell_umask: only tell. */
#define SANDSHELL_UNCHANGED UINT32_MAX
/* Times of sandshell_utimens that are none. */
#define SANDSHELL_TIME_UNCHANGED UINT64_MAX
#define SANDSHELL_TIME_NOW (UINT64_MAX - 1)
/* The timeout of sandshell_wait_for that never comes. */
#define SANDSHELL_FOREVER UINT64_MAX

/* Flags of sandshell_wait and sandshell_wait_for. */
#define SANDSHELL_NO_HANG 1u

/* Dispositions of signals. A held one becomes pending, and calls that wait answer EINTR until it is taken. */
#define SANDSHELL_SIGNAL_DEFAULT 0u
#define SANDSHELL_SIGNAL_IGNORE 1u
#define SANDSHELL_SIGNAL_HOLD 2u

/* Flags at the end of a spawn request. */
#define SANDSHELL_SPAWN_SEARCH_PATH 1u      /* look for `path` in the PATH of the given environment */
#define SANDSHELL_SPAWN_NEW_GROUP 2u        /* the child leads a process group */
#define SANDSHELL_SPAWN_INHERIT_STANDARD 4u /* descriptors 0 to 2, where the pairs name none */
#define SANDSHELL_SPAWN_INHERIT_ALL 8u      /* all open descriptors but the preopened directory */

/* What sandshell_stat and sandshell_fstat tell. Times are nanoseconds since 1970-01-01 UTC. */
typedef struct sandshell_stat_record {
    uint64_t inode;
    uint32_t mode; /* kind (S_IFMT) and permissions with Linux's numbers */
    uint32_t links;
    uint32_t uid;
    uint32_t gid;
    uint64_t size;
    uint64_t accessed;
    uint64_t modified;
    uint64_t changed;
    uint64_t device; /* of a device file, else 0 */
    uint64_t blocks; /* of 512 bytes */
    uint64_t reserved;
} sandshell_stat_record;

/* What sandshell_statfs tells. */
typedef struct sandshell_statfs_record {
    uint64_t block_size;
    uint64_t blocks;
    uint64_t free;
    uint64_t inodes;
    uint64_t free_inodes;
    uint64_t name_max;
} sandshell_statfs_record;

typedef struct sandshell_window {
    uint16_t columns;
    uint16_t rows;
} sandshell_window;

typedef struct sandshell_ids {
    uint32_t process;
    uint32_t parent;
    uint32_t group;
} sandshell_ids;

typedef struct sandshell_pipe_ends {
    uint32_t reader;
    uint32_t writer;
} sandshell_pipe_ends;

/* How a child ended. With SANDSHELL_NO_HANG, pid 0: none has. */
typedef struct sandshell_end {
    uint32_t pid;
    uint32_t kind;  /* 0: exited, 1: ended by a signal */
    uint32_t value; /* the status or the signal */
} sandshell_end;

/* CPU time in nanoseconds. */
typedef struct sandshell_cpu_times {
    uint64_t own;
    uint64_t children; /* those waited for */
} sandshell_cpu_times;

/* The head of a row of sandshell_processes; `name_len` bytes of name follow it, and the next row at once. */
typedef struct sandshell_process_row {
    uint32_t pid;
    uint32_t parent;
    uint32_t group;
    uint32_t ended;
    /* cpu_ns (u64) and name_len (u32) follow, 12 bytes without padding: read them with memcpy. */
    uint8_t cpu_ns[8];
    uint8_t name_len[4];
} sandshell_process_row;

SANDSHELL_ASSERT(sizeof(sandshell_stat_record) == 80, "stat");
SANDSHELL_ASSERT(offsetof(sandshell_stat_record, mode) == 8, "stat.mode");
SANDSHELL_ASSERT(offsetof(sandshell_stat_record, size) == 24, "stat.size");
SANDSHELL_ASSERT(offsetof(sandshell_stat_record, blocks) == 64, "stat.blocks");
SANDSHELL_ASSERT(sizeof(sandshell_statfs_record) == 48, "statfs");
SANDSHELL_ASSERT(sizeof(sandshell_window) == 4, "window");
SANDSHELL_ASSERT(sizeof(sandshell_ids) == 12, "ids");
SANDSHELL_ASSERT(sizeof(sandshell_pipe_ends) == 8, "pipe");
SANDSHELL_ASSERT(sizeof(sandshell_end) == 12, "end");
SANDSHELL_ASSERT(sizeof(sandshell_cpu_times) == 16, "times");
SANDSHELL_ASSERT(sizeof(sandshell_process_row) == 28, "process row");

/* Files. */

/* The working directory, absolute, without symbolic links. ERANGE when `len` is too small; `out_len` gets the length. */
SANDSHELL_ANSWER sandshell_getcwd(char *buf, size_t len, uint32_t *out_len) SANDSHELL_IMPORT("getcwd");
SANDSHELL_ANSWER sandshell_chdir(const char *path, size_t path_len) SANDSHELL_IMPORT("chdir");
SANDSHELL_ANSWER sandshell_fchdir(uint32_t fd) SANDSHELL_IMPORT("fchdir");
/* `follow`: 0 for the symbolic link itself. */
SANDSHELL_ANSWER sandshell_stat(const char *path, size_t path_len, uint32_t follow, sandshell_stat_record *out)
    SANDSHELL_IMPORT("stat");
SANDSHELL_ANSWER sandshell_fstat(uint32_t fd, sandshell_stat_record *out) SANDSHELL_IMPORT("fstat");
/* `mode`: 0 to 07777. */
SANDSHELL_ANSWER sandshell_chmod(const char *path, size_t path_len, uint32_t mode, uint32_t follow)
    SANDSHELL_IMPORT("chmod");
SANDSHELL_ANSWER sandshell_fchmod(uint32_t fd, uint32_t mode) SANDSHELL_IMPORT("fchmod");
SANDSHELL_ANSWER sandshell_chown(const char *path, size_t path_len, uint32_t uid, uint32_t gid, uint32_t follow)
    SANDSHELL_IMPORT("chown");
SANDSHELL_ANSWER sandshell_fchown(uint32_t fd, uint32_t uid, uint32_t gid) SANDSHELL_IMPORT("fchown");
/* Nanoseconds since 1970-01-01 UTC, SANDSHELL_TIME_UNCHANGED or SANDSHELL_TIME_NOW. */
SANDSHELL_ANSWER sandshell_utimens(const char *path, size_t path_len, uint32_t follow, uint64_t accessed,
                                   uint64_t modified) SANDSHELL_IMPORT("utimens");
/* `out` gets the previous mask. */
SANDSHELL_ANSWER sandshell_umask(uint32_t mask, uint32_t *out) SANDSHELL_IMPORT("umask");
SANDSHELL_ANSWER sandshell_statfs(sandshell_statfs_record *out) SANDSHELL_IMPORT("statfs");
/* `mode`: the sum of 4 (read), 2 (write) and 1 (execute); 0: whether it exists. */
SANDSHELL_ANSWER sandshell_access(const char *path, size_t path_len, uint32_t mode) SANDSHELL_IMPORT("access");

/* Descriptors. 3 is the preopened directory. */

SANDSHELL_ANSWER sandshell_isatty(uint32_t fd, uint32_t *out) SANDSHELL_IMPORT("isatty");
/* ENOTTY without a terminal. */
SANDSHELL_ANSWER sandshell_winsize(sandshell_window *out) SANDSHELL_IMPORT("winsize");
/* The lowest free descriptor not below `minimum`. */
SANDSHELL_ANSWER sandshell_dup(uint32_t fd, uint32_t minimum, uint32_t *out) SANDSHELL_IMPORT("dup");
SANDSHELL_ANSWER sandshell_pipe(sandshell_pipe_ends *out) SANDSHELL_IMPORT("pipe");

/* Processes. */

SANDSHELL_ANSWER sandshell_getpid(sandshell_ids *out) SANDSHELL_IMPORT("getpid");
/*
 * Starts a program. The request is, in u32s and bytes without padding: the length of `path` and its bytes; the number
 * of arguments, and each one's length and bytes; the same for the environment (NAME=value); the number of pairs, and of
 * each the child's descriptor and the caller's; the flags. At most 2 MiB (E2BIG). The child ignores what the caller
 * ignores.
 */
SANDSHELL_ANSWER sandshell_spawn(const void *request, size_t request_len, uint32_t *out_pid) SANDSHELL_IMPORT("spawn");
/* `pid` 0: any child. */
SANDSHELL_ANSWER sandshell_wait(uint32_t pid, uint32_t flags, sandshell_end *out) SANDSHELL_IMPORT("wait");
/* `target` 0: any child, negative: one in that group. ETIMEDOUT after `timeout_ns`. */
SANDSHELL_ANSWER sandshell_wait_for(int32_t target, uint32_t flags, uint64_t timeout_ns, sandshell_end *out)
    SANDSHELL_IMPORT("wait_for");
/* As kill(2). Does not return when the signal ends the caller. */
SANDSHELL_ANSWER sandshell_kill(int32_t pid, uint32_t signal) SANDSHELL_IMPORT("kill");
SANDSHELL_ANSWER sandshell_sigaction(uint32_t signal, uint32_t disposition) SANDSHELL_IMPORT("sigaction");
/* What sandshell_sigaction has set. */
SANDSHELL_ANSWER sandshell_sigstate(uint32_t signal, uint32_t *out) SANDSHELL_IMPORT("sigstate");
/* Takes one held signal that has come; 0: none has. */
SANDSHELL_ANSWER sandshell_sigpending(uint32_t *out) SANDSHELL_IMPORT("sigpending");
/* The session's processes, ascending. ERANGE as for sandshell_getcwd. */
SANDSHELL_ANSWER sandshell_processes(void *buf, size_t len, uint32_t *out_len) SANDSHELL_IMPORT("processes");
SANDSHELL_ANSWER sandshell_times(sandshell_cpu_times *out) SANDSHELL_IMPORT("times");
/* Adds to the niceness, within -20 to 19; `out` gets the new one. */
SANDSHELL_ANSWER sandshell_priority(int32_t increment, int32_t *out) SANDSHELL_IMPORT("priority");

#ifdef __cplusplus
}
#endif

#endif
