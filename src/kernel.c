/* System calls without a libc wrapper, as -errno; what this kernel can do. */
#include "kernel.h"

#include "compat.h"
#include "util.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/kcmp.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

pid_t kernel_fork(int *pidfd)
{
	/* The first three arguments of clone(2) stand in the same place on all
	 * architectures that we build for; the exit signal is 0. */
	long pid = syscall(SYS_clone, CLONE_PIDFD, 0L, pidfd, 0L, 0L);

	return pid < 0 ? -errno : (pid_t)pid;
}

int kernel_reap(int pidfd)
{
	siginfo_t info = { 0 };

	while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | (int)__WCLONE) < 0 &&
	       errno == EINTR)
		;
	return info.si_code == CLD_EXITED ? info.si_status : -ECHILD;
}

int kernel_try(int (*fn)(void *ud), void *ud)
{
	AUTO_FD pidfd = -1;
	pid_t pid = kernel_fork(&pidfd);

	if (pid == 0)
		_exit(fn(ud));
	int status = pid < 0 ? -1 : kernel_reap(pidfd);
	return status < 0 ? -EAGAIN : status;
}

int kernel_listen(const struct sock_fprog *program)
{
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			  flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, program);

	if (fd < 0 && errno == EINVAL)
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
	return fd < 0 ? -errno : (int)fd;
}

int kernel_memfd(const char *name, unsigned int flags)
{
	int fd = memfd_create(name, flags | MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, flags | MFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int kernel_filter(const struct sock_fprog *program)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0UL, program) < 0 ? -errno : 0;
}

int kernel_pidfd_open(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : (int)fd;
}

static int getfd(int pidfd, int fd)
{
	long ours = syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	return ours < 0 ? -errno : (int)ours;
}

int kernel_getfd(pid_t tid, pid_t pid, int fd)
{
	AUTO_FD thread = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);

	if (thread >= 0 || errno != EINVAL)
		return thread < 0 ? -errno : getfd(thread, fd);
	AUTO_FD whole = kernel_pidfd_open(pid);
	AUTO_FD ours = whole < 0 ? whole : getfd(whole, fd);
	int rc = ours < 0 ? ours : 0;
	/* asked afterwards: a table that was left is never shared again, unshare(2) */
	if (tid != pid && syscall(SYS_kcmp, tid, pid, KCMP_FILES, 0, 0) != 0)
		return -EPERM;
	return rc < 0 ? rc : fd_take(&ours);
}

int kernel_openat2(int dir, const char *path, const struct open_how *how)
{
	long fd = syscall(SYS_openat2, dir, path, how, sizeof *how);

	return fd < 0 ? -errno : (int)fd;
}

int kernel_pidfd_signal(int pidfd, int sig)
{
	return syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0) < 0 ? -errno : 0;
}

int kernel_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	return syscall(SYS_close_range, first, last, flags) < 0 ? -errno : 0;
}

bool kernel_is_at_least(unsigned int major, unsigned int minor)
{
	unsigned int have_major, have_minor;
	struct utsname name;

	if (uname(&name) < 0 ||
	    sscanf(name.release, "%u.%u", &have_major, &have_minor) != 2)
		return false;
	return have_major > major || (have_major == major && have_minor >= minor);
}

int kernel_check(struct why *why)
{
	struct utsname name;

	if (kernel_is_at_least(5, 14) || uname(&name) < 0)
		return 0;
	return fail(why, -ENOSYS, "this is Linux %s, and 5.14 is the least", name.release);
}

uint64_t kernel_thread_us(void)
{
	struct timespec spent;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	return (uint64_t)spent.tv_sec * 1000000 + (uint64_t)spent.tv_nsec / 1000;
}

uint64_t kernel_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool kernel_has_capability(unsigned int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { 0 };

	return syscall(SYS_capget, &header, sets) == 0 &&
	       sets[capability / 32].effective >> capability % 32 & 1;
}
