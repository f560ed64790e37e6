/*
 * What this machine offers a run. Nothing is concluded from a release number: what
 * can be tried is tried, in children that do what a run would do.
 */
#include "cgroup.h"
#include "compat.h"
#include "kernel.h"
#include "landlock.h"
#include "protection.h"
#include "tracee.h"
#include "util.h"

#include <demilune.h>

#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

/* no notification has this id: the kernel counts from a random one */
#define NO_ID 1

/* A flag that the kernel does not know is EINVAL; with one that it knows it goes on to
 * read the program, and there is none: seccomp(2). */
static bool knows_filter_flags(unsigned long flags)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) < 0 && errno == EFAULT;
}

static bool has_action(uint32_t action)
{
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0UL, &action) == 0;
}

/* The same with a listener: ENOENT says that all but the id was right. */
static bool knows_no_such_call(int listener, unsigned long request, void *argument)
{
	return ioctl(listener, request, argument) < 0 && errno == ENOENT;
}

/* In a child: the filter stays on for good. */
static int look_at_listener(void *ud)
{
	struct sock_filter code = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct sock_fprog program = { 1, &code };
	struct seccomp_notif_resp answer = {
		.id = NO_ID, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};
	unsigned int found = 0;

	(void)ud;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 0;
	int listener = kernel_listen(&program);
	if (listener < 0)
		return 0;
	struct seccomp_notif_addfd add = { .id = NO_ID, .srcfd = (uint32_t)listener };
	if (knows_no_such_call(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer))
		found |= DEMI_SECCOMP_NOTIFY;
	if (knows_no_such_call(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add))
		found |= DEMI_SECCOMP_ADD_FD;
	add.flags = SECCOMP_ADDFD_FLAG_SEND;
	if (knows_no_such_call(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add))
		found |= DEMI_SECCOMP_ADD_FD_SEND;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == 0)
		found |= DEMI_SECCOMP_FAST_WAKE_UP;
	return (int)found;
}

static uint32_t find_seccomp(void)
{
	struct seccomp_notif_sizes sizes;
	uint32_t found = 0;

	if (has_action(SECCOMP_RET_ERRNO) && has_action(SECCOMP_RET_KILL_PROCESS))
		found |= DEMI_SECCOMP_FILTER;
	if (knows_filter_flags(SECCOMP_FILTER_FLAG_NEW_LISTENER |
			       SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV))
		found |= DEMI_SECCOMP_KILLABLE_WAIT;
	if (has_action(SECCOMP_RET_USER_NOTIF) &&
	    syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0UL, &sizes) == 0) {
		int more = kernel_try(look_at_listener, NULL);
		found |= more > 0 ? (uint32_t)more : 0;
	}
	return found;
}

/* What starts and ends a run: close_range(2) with CLOSE_RANGE_CLOEXEC is Linux 5.11. */
static bool has_process_calls(void)
{
	AUTO_FD pidfd = kernel_pidfd_open(getpid());

	return pidfd >= 0 && kernel_pidfd_signal(pidfd, 0) == 0 &&
	       kernel_close_range(~0U, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

/* A program of ours, as the supervisor reads it: Yama, or the filter of a container that
 * we are in, may forbid it. */
static bool can_read_programs(void)
{
	AUTO_FD pidfd = -1;
	int here = 1, there = 0;
	pid_t pid = kernel_fork(&pidfd);

	if (pid == 0) {
		alarm(10);
		pause();
		_exit(0);
	}
	if (pid < 0)
		return false;
	bool can = tracee_read(pid, (uintptr_t)&here, &there, sizeof here) == sizeof here;
	kernel_pidfd_signal(pidfd, SIGKILL);
	kernel_reap(pidfd);
	return can && there == here;
}

static void find_isolation(struct demi_features *out)
{
	for (uint32_t flag = DEMI_ISOLATE_NET; flag <= DEMI_ISOLATE_ROOT; flag <<= 1) {
		int rc = protection_try(flag);
		if (rc == 0)
			out->isolation |= flag;
		else if (!out->isolation_error)
			out->isolation_error = -rc;
	}
}

static uint32_t version_of(const struct cgroup *group)
{
	return !group->dir[0] ? 0 : group->is_v2 ? 2 : 1;
}

/* The groups that a run with limits would make; any number will do. */
static void find_groups(struct demi_features *out)
{
	const uint64_t limits[CGROUPS] = { [CGROUP_PIDS] = 64, [CGROUP_MEMORY] = 64 << 20 };
	struct cgroup groups[CGROUPS];

	cgroup_open(limits, groups);
	out->processes_group = version_of(&groups[CGROUP_PIDS]);
	out->memory_group = version_of(&groups[CGROUP_MEMORY]);
	cgroup_close(groups);
	cgroup_remove(groups);
}

void demi_features_find(struct demi_features *out)
{
	const struct scmp_version *version = seccomp_version();
	struct utsname name = { 0 };

	*out = (struct demi_features){ 0 };
	uname(&name);
	snprintf(out->release, sizeof out->release, "%s", name.release);
	snprintf(out->machine, sizeof out->machine, "%s", name.machine);
	snprintf(out->libseccomp, sizeof out->libseccomp, "%u.%u.%u", version->major,
		 version->minor, version->micro);
	out->landlock_abi = landlock_abi();
	out->has_process_calls = has_process_calls();
	out->can_read_programs = can_read_programs();
	out->seccomp = find_seccomp();
	find_isolation(out);
	find_groups(out);
}
