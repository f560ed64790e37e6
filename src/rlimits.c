/* Resource limits that the kernel keeps for each process, setrlimit(2). */
#include "rlimits.h"

#include <errno.h>
#include <sys/resource.h>

/* extra: how much the hard limit lies above the soft one */
static int set(__rlimit_resource_t what, uint64_t value, rlim_t extra)
{
	struct rlimit now;

	if (!value)
		return 0;
	if (getrlimit(what, &now) < 0)
		return -errno;
	rlim_t soft = value, hard = soft + extra;
	if (now.rlim_max < hard)	/* RLIM_INFINITY is the largest number */
		hard = now.rlim_max;
	if (hard < soft)
		soft = hard;
	return setrlimit(what, &(struct rlimit){ soft, hard }) < 0 ? -errno : 0;
}

int rlimits_apply(const struct limits *limits)
{
	/* 1, not 0: with 0 the kernel would still dump into a pipe of core_pattern,
	 * core(5); one byte is too little for a file and the mark for "no pipe" */
	int rc = set(RLIMIT_CORE, 1, 0);

	if (rc == 0)	/* counts private writable memory: no reservations, no shared files */
		rc = set(RLIMIT_DATA, limits->memory, 0);
	if (rc == 0)
		rc = set(RLIMIT_NPROC, limits->processes, 0);
	if (rc == 0)
		rc = set(RLIMIT_NOFILE, limits->open_files, 0);
	if (rc == 0)
		rc = set(RLIMIT_FSIZE, limits->file_size, 0);
	if (rc == 0)	/* SIGXCPU can be caught; a second later comes SIGKILL */
		rc = set(RLIMIT_CPU, limits->cpu, 1);
	return rc;
}
