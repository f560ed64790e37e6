/* A control group for the processes of one run, cgroups(7). */
#ifndef DEMI_CGROUP_H
#define DEMI_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum { CGROUP_PIDS, CGROUP_MEMORY, CGROUPS };

/* One for each controller; in version 2 the second may be the same directory. */
struct cgroup {
	char dir[PATH_MAX];	/* "": there is none */
	int procs;		/* to write "0" to, or -1 */
	bool is_v2;
};

/*
 * cgroup_open - make groups that hold the limits, as far as this machine lets us
 *
 * limits  of CGROUP_PIDS in tasks, of CGROUP_MEMORY in bytes; 0: not wanted
 *
 * Version 2 wants the controller enabled in a directory above us that we may write
 * to ("delegated"). Version 1, where it is mounted, is as good. Whatever is not there
 * is left "": there is no error, the caller has another way.
 */
void cgroup_open(const uint64_t limits[CGROUPS], struct cgroup out[CGROUPS]);

/* cgroup_enter - the caller becomes a member; async-signal-safe; 0 or -errno */
int cgroup_enter(const struct cgroup groups[CGROUPS]);

/* cgroup_has_killed - did the kernel kill a member for want of memory? */
bool cgroup_has_killed(const struct cgroup groups[CGROUPS]);

/* cgroup_remove - the directories of groups without members; async-signal-safe */
void cgroup_remove(const struct cgroup groups[CGROUPS]);

/* cgroup_close - our descriptors */
void cgroup_close(struct cgroup groups[CGROUPS]);

#endif
