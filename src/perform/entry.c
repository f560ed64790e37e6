/*
 * unlink(2), mkdir(2), mknod(2), rename(2), link(2), symlink(2): they change a name in
 * a directory. The directory is what the path led to; the kernel does not follow the
 * last name in any of them.
 */
#include "resolve.h"

#include "../util.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int64_t result_of(long rc)
{
	return rc < 0 ? -errno : rc;
}

int64_t job_unlink(struct worker *w)
{
	struct entry entry;

	if (w->job->arg[0] & ~(uint64_t)AT_REMOVEDIR & UINT32_MAX)
		return -EINVAL;
	int rc = resolve_job_entry(w, 0, &entry);
	if (rc < 0)
		return rc;
	int64_t result = result_of(unlinkat(entry.dir, entry.name, (int)w->job->arg[0]));
	close(entry.dir);
	return result;
}

int64_t job_mkdir(struct worker *w)
{
	struct entry entry;
	int rc = resolve_job_entry(w, 0, &entry);

	if (rc < 0)
		return rc;
	int64_t result = result_of(mkdirat(entry.dir, entry.name, (mode_t)w->job->arg[0]));
	close(entry.dir);
	return result;
}

/* mknod(2): the kernel looks at the kind of file first */
static int check_kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case 0: case S_IFREG: case S_IFCHR: case S_IFBLK: case S_IFIFO: case S_IFSOCK:
		return 0;
	default:
		return S_ISDIR(mode) ? -EPERM : -EINVAL;
	}
}

int64_t job_mknod(struct worker *w)
{
	struct entry entry;
	int rc = check_kind((mode_t)w->job->arg[0]);

	if (rc < 0)
		return rc;
	rc = resolve_job_entry(w, 0, &entry);
	if (rc < 0)
		return rc;
	int64_t result = result_of(syscall(SYS_mknodat, entry.dir, entry.name,
					   (unsigned int)w->job->arg[0],
					   (unsigned int)w->job->arg[1]));
	close(entry.dir);
	return result;
}

int64_t job_rename(struct worker *w)
{
	struct entry from, to = { .dir = -1 };
	unsigned int flags = (unsigned int)w->job->arg[0];

	/* the kernel looks at flags before it looks at paths */
	if (syscall(SYS_renameat2, -1, "", -1, "", flags) < 0 && errno == EINVAL)
		return -EINVAL;
	int64_t result = resolve_job_entry(w, 0, &from);
	if (result == 0)
		result = resolve_job_entry(w, 1, &to);
	if (result == 0)
		result = result_of(syscall(SYS_renameat2, from.dir, from.name, to.dir, to.name,
					   flags));
	fd_close(&from.dir);
	fd_close(&to.dir);
	return result;
}

/*
 * The kernel looks at all of the first path before the second. So do we, and then give
 * one more name to what was found: through /proc/self/fd, as linkat(2) shows.
 */
int64_t job_link(struct worker *w)
{
	struct job *job = w->job;
	struct object from;
	struct entry to;

	if (job->arg[0] & ~(uint64_t)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH) & UINT32_MAX)
		return -EINVAL;
	/* linkat(2): an empty path wants CAP_DAC_READ_SEARCH, or since Linux 6.10 the
	 * credentials that opened the descriptor, which are not known here */
	if (job->arg[0] & AT_EMPTY_PATH && !job->path[0][0])
		return job_refuse(job, EOPNOTSUPP, "linkat with AT_EMPTY_PATH");
	int64_t result = resolve_job(w, 0, job->arg[0] & AT_SYMLINK_FOLLOW, false, &from);
	if (result < 0)
		return result;
	result = resolve_job_entry(w, 1, &to);
	if (result == 0)
		result = result_of(linkat(w->own_fds, resolve_name(from.fd).text, to.dir,
					  to.name, AT_SYMLINK_FOLLOW));
	fd_close(&from.fd);
	fd_close(&to.dir);
	return result;
}

/* The first path is the link's text: it leads nowhere yet. */
int64_t job_symlink(struct worker *w)
{
	struct entry entry;

	if (!w->job->path[0][0])
		return -ENOENT;
	int rc = resolve_job_entry(w, 1, &entry);
	if (rc < 0)
		return rc;
	int64_t result = result_of(symlinkat(w->job->path[0], entry.dir, entry.name));
	close(entry.dir);
	return result;
}
