/*
 * What machines lack, by name. What Landlock protects is known by its ABI, and by the
 * release that brought it; whether namespaces may be had only a try tells.
 */
#include "protection.h"

#include "landlock.h"
#include "namespace.h"

#include <demilune.h>

#include <errno.h>

const struct protection protections[DEMI_PROTECTION_END] = {
	[DEMI_PROTECTION_FILES] = { "files", 1, "5.13" },
	[DEMI_PROTECTION_RENAMES] = { "renames", 2, "5.19" },
	/* ABI 3, Linux 6.2; before it guard.c keeps it */
	[DEMI_PROTECTION_TRUNCATION] = { "truncation", 1, "5.13" },
	[DEMI_PROTECTION_TCP] = { "tcp", 4, "6.7" },
	[DEMI_PROTECTION_DEVICES] = { "devices", 5, "6.10" },
	[DEMI_PROTECTION_SIGNALS] = { "signals", 6, "6.12" },
	[DEMI_PROTECTION_ISOLATE_NET] = { .name = "isolate_net" },
	[DEMI_PROTECTION_ISOLATE_PID] = { .name = "isolate_pid" },
	[DEMI_PROTECTION_ISOLATE_IPC] = { .name = "isolate_ipc" },
	[DEMI_PROTECTION_ISOLATE_UTS] = { .name = "isolate_uts" },
	[DEMI_PROTECTION_ISOLATE_MOUNT] = { .name = "isolate_mount" },
	[DEMI_PROTECTION_MAP_ROOT] = { .name = "map_root" },
};

unsigned int protection_lacks(int abi, unsigned int wanted)
{
	unsigned int lacks = 0;

	for (unsigned int p = 0; p < DEMI_PROTECTION_END; p++)
		if (abi < protections[p].abi)
			lacks |= 1U << p;
	return lacks & wanted;
}

/* DEMI_ISOLATE_NET and what follows it are in the order of their protections. */
#define FLAGS_AT DEMI_PROTECTION_ISOLATE_NET

void protection_namespaces(unsigned int isolated, struct namespaces *out)
{
	*out = (struct namespaces){
		.net = isolated & DEMI_ISOLATE_NET, .pid = isolated & DEMI_ISOLATE_PID,
		.ipc = isolated & DEMI_ISOLATE_IPC, .uts = isolated & DEMI_ISOLATE_UTS,
		.mount = isolated & DEMI_ISOLATE_MOUNT, .is_root = isolated & DEMI_ISOLATE_ROOT,
	};
	namespaces_map(out);
}

int protection_try(unsigned int isolated)
{
	struct namespaces namespaces;

	protection_namespaces(isolated, &namespaces);
	return namespaces_try(&namespaces);
}

static bool is_refused(unsigned int isolated)
{
	switch (-protection_try(isolated)) {
	case EPERM:	/* no privilege, or a filter of who started us */
	case EACCES:
	case ENOSPC:	/* a limit of /proc/sys/user, often 0: user_namespaces(7) */
	case EUSERS:
	case EINVAL:	/* not in this kernel */
	case ENOSYS:
	case ENODEV:
	case EOPNOTSUPP:
		return true;
	default:
		return false;
	}
}

unsigned int protection_refused(unsigned int isolated, unsigned int may_be_missing)
{
	unsigned int flags = isolated & may_be_missing >> FLAGS_AT, refused = 0;

	if (!flags || !is_refused(isolated))
		return 0;
	for (unsigned int flag = DEMI_ISOLATE_NET; flag <= DEMI_ISOLATE_ROOT; flag <<= 1)
		if (flags & flag && is_refused(flag))
			refused |= flag;
	return refused << FLAGS_AT;
}

unsigned int protection_isolated(unsigned int isolated, unsigned int missing)
{
	return isolated & ~(missing >> FLAGS_AT);
}

const char *demi_protection_name(unsigned int protection)
{
	return protection < DEMI_PROTECTION_END ? protections[protection].name : NULL;
}

int demi_protection_is_there(unsigned int protection)
{
	if (protection >= DEMI_PROTECTION_END)
		return 0;
	if (protection >= FLAGS_AT)
		return protection_try(1U << (protection - FLAGS_AT)) == 0;
	return landlock_abi() >= protections[protection].abi;
}
