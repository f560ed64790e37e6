/* System calls without a libc wrapper, as -errno; what this kernel can do. */
#ifndef DEMI_KERNEL_H
#define DEMI_KERNEL_H

#include "fail.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct open_how;
struct sock_fprog;

/*
 * kernel_fork - fork(2) that the rest of the process need not know of
 *
 * The child's end sends no SIGCHLD and no wait(2) of the host program sees it:
 * only waitid(2) with __WCLONE does. No pthread_atfork(3) handler runs, so the
 * child may make async-signal-safe calls only.
 *
 * Returns the child's pid and its pidfd in *pidfd, 0 in the child, or -errno.
 */
pid_t kernel_fork(int *pidfd);

/*
 * kernel_reap - the end of such a child: waits for it and gives its slot back
 *
 * Returns its exit status, or -ECHILD if it did not exit by itself.
 */
int kernel_reap(int pidfd);

/* kernel_try - what a child that runs fn(ud) exits with; -EAGAIN if it could not be made,
 * or died */
int kernel_try(int (*fn)(void *ud), void *ud);

/*
 * kernel_listen - install a filter for this thread and get its listener
 *
 * A kernel before 5.19 has no WAIT_KILLABLE_RECV: the filter works without.
 */
int kernel_listen(const struct sock_fprog *program);

/*
 * kernel_memfd - memfd_create(2) of what nobody can execute, from Linux 6.3 on
 *
 * Landlock's EXECUTE does not cover a memfd.
 */
int kernel_memfd(const char *name, unsigned int flags);

/* kernel_filter - install a filter that asks nobody, for this thread */
int kernel_filter(const struct sock_fprog *program);

int kernel_pidfd_open(pid_t pid);
/*
 * kernel_getfd - a copy of a descriptor of thread tid of process pid
 *
 * Before Linux 6.9 there are pidfds of processes only: -EPERM there, if the thread does
 * not share its table of descriptors with the process, or kcmp(2) may not tell; -EINVAL
 * if pid is a thread of one.
 */
int kernel_getfd(pid_t tid, pid_t pid, int fd);
int kernel_pidfd_signal(int pidfd, int sig);
int kernel_openat2(int dir, const char *path, const struct open_how *how);
int kernel_close_range(unsigned int first, unsigned int last, unsigned int flags);

/* release at least major.minor, as uname(2) says */
bool kernel_is_at_least(unsigned int major, unsigned int minor);

/* -ENOSYS and why on a kernel that lacks what every run may need: SECCOMP_ADDFD_FLAG_SEND */
int kernel_check(struct why *why);

/* CAP_*, capabilities(7): in force for this thread? */
bool kernel_has_capability(unsigned int capability);
/* the CPU time of this thread in microseconds */
uint64_t kernel_thread_us(void);

/* a monotonic clock in milliseconds */
uint64_t kernel_now_ms(void);

/* Whether ms have passed since then. Another thread may have looked at the clock after
 * this one took now: a difference would be a very long time then. */
static inline bool kernel_has_passed(uint64_t since_ms, uint64_t ms, uint64_t now)
{
	return since_ms + ms <= now;
}

#endif
