/*
 * Privilege. What runs in the child is raw: libcap-ng allocates and reads /proc,
 * and glibc's setresuid(3) would signal threads that the child does not have: the
 * list of them that it sees is the supervisor's.
 */
#include "caps.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORDS _LINUX_CAPABILITY_U32S_3

/* -EPERM where a privilege would be needed to give this up */
static int drop_bounding_set(void)
{
	for (unsigned long cap = 0; cap < 32UL * WORDS; cap++) {
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		/* EINVAL: the kernel has no capability of this number, nor a higher one */
		return errno == EINVAL && cap > 0 ? 0 : -errno;
	}
	return 0;
}

int caps_drop_all(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[WORDS] = { { 0 } }, left[WORDS];
	int rc = drop_bounding_set();

	if (rc < 0 && rc != -EPERM)
		return rc;
	/* EINVAL: older than Linux 4.3, which has no ambient set */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return -errno;
	if (syscall(SYS_capset, &header, none) < 0 || syscall(SYS_capget, &header, left) < 0)
		return -errno;
	for (int i = 0; i < WORDS; i++)
		if (left[i].effective | left[i].permitted | left[i].inheritable)
			return -EPERM;
	return 0;
}

int caps_keep(uint32_t mask)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct has[WORDS], kept[WORDS] = { { 0 } };

	if (syscall(SYS_capget, &header, has) < 0)
		return -errno;
	kept[0].permitted = kept[0].effective = has[0].permitted & mask;
	return syscall(SYS_capset, &header, kept) < 0 ? -errno : 0;
}

int caps_become(uid_t uid, gid_t gid)
{
	if (syscall(SYS_setgroups, 0, NULL) < 0 ||
	    syscall(SYS_setresgid, gid, gid, gid) < 0 ||
	    syscall(SYS_setresuid, uid, uid, uid) < 0)
		return -errno;
	return 0;
}

int caps_keep_for_supervising(bool looks_up_paths)
{
	static const unsigned int needed[] = { CAP_KILL, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH };
	int n = looks_up_paths ? 3 : 2;
	bool has[3];

	if (capng_get_caps_process() < 0)
		return -EIO;
	for (int i = 0; i < n; i++)
		has[i] = capng_have_capability(CAPNG_PERMITTED, needed[i]);
	bool may_drop_bounds = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	capng_clear(CAPNG_SELECT_ALL);
	for (int i = 0; i < n; i++)
		if (has[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, needed[i]);
	return capng_apply(may_drop_bounds ? CAPNG_SELECT_ALL : CAPNG_SELECT_CAPS) < 0 ? -EPERM : 0;
}
