/* stat(2), statx(2), access(2), readlink(2): they look at an object and change nothing. */
#include "another.h"
#include "resolve.h"

#include "../util.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel looks at flags first; on a descriptor alone it may not look at all. */
static bool is_valid(uint64_t flags)
{
	uint32_t known = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
			 AT_STATX_SYNC_TYPE;

	return !((uint32_t)flags & ~known) &&
	       (flags & AT_STATX_SYNC_TYPE) != AT_STATX_SYNC_TYPE;
}

static bool follows(uint64_t flags)
{
	return !(flags & AT_SYMLINK_NOFOLLOW);
}

static int64_t result_of(long rc)
{
	return rc < 0 ? -errno : rc;
}

/* The kernel's struct stat, not libc's: it goes to the program as it is. */
int64_t job_stat(struct worker *w)
{
	struct job *job = w->job;
	int flags = (int)job->arg[0];
	struct object object;

	if (!is_valid(job->arg[0]))
		return -EINVAL;
	int rc = resolve_job(w, 0, follows(job->arg[0]), flags & AT_EMPTY_PATH, &object);
	if (rc < 0)
		return rc;
	int64_t result = result_of(syscall(SYS_newfstatat, object.fd, "", job->out.bytes,
					   flags | AT_EMPTY_PATH));
	close(object.fd);
	job->out_len = result < 0 ? 0 : sizeof(struct stat);
	return result;
}

int64_t job_statx(struct worker *w)
{
	struct job *job = w->job;
	int flags = (int)job->arg[0];
	struct object object;

	if (!is_valid(job->arg[0]) || job->arg[1] & STATX__RESERVED)
		return -EINVAL;
	int rc = resolve_job(w, 0, follows(job->arg[0]), flags & AT_EMPTY_PATH, &object);
	if (rc < 0)
		return rc;
	int64_t result = result_of(syscall(SYS_statx, object.fd, "", flags | AT_EMPTY_PATH,
					   (unsigned int)job->arg[1], job->out.bytes));
	close(object.fd);
	job->out_len = result < 0 ? 0 : sizeof(struct statx);
	return result;
}

int64_t job_access(struct worker *w)
{
	struct job *job = w->job;
	int flags = (int)job->arg[1];
	struct object object;

	/* the kernel looks at mode and flags first */
	if (syscall(SYS_faccessat2, AT_FDCWD, "", (int)job->arg[0],
		    flags & ~AT_EMPTY_PATH) < 0 && errno == EINVAL)
		return -EINVAL;
	int rc = resolve_job(w, 0, follows(job->arg[1]), flags & AT_EMPTY_PATH, &object);
	if (rc < 0)
		return rc;
	int64_t result = result_of(syscall(SYS_faccessat2, object.fd, "", (int)job->arg[0],
					   flags | AT_EMPTY_PATH));
	close(object.fd);
	return result;
}

/* A link and room for its text. */
struct reading {
	int link;
	char *text;
	size_t size;
};

static int64_t read_link(const void *ud)
{
	const struct reading *reading = ud;

	return result_of(readlinkat(reading->link, "", reading->text, reading->size));
}

int64_t job_readlink(struct worker *w)
{
	struct job *job = w->job;
	int size = (int)job->arg[0];
	struct object object;

	if (size <= 0)
		return -EINVAL;
	bool is_empty = !job->path[0][0];
	int rc = resolve_job(w, 0, false, true, &object);
	if (rc < 0)
		return rc;
	if (size > JOB_OUT_MAX)
		size = JOB_OUT_MAX;
	struct reading reading = { object.fd, job->out.bytes, (size_t)size };
	/* a magic link tells who may look into its process where it leads, proc(5) */
	int64_t n = !w->must_not_wait && resolve_is_proc(object.fd)
		    ? another_does(job, read_link, &reading) : read_link(&reading);
	close(object.fd);
	/* of a descriptor that is no link the kernel says ENOENT, of a path EINVAL */
	if (n == -ENOENT && !is_empty)
		return -EINVAL;
	if (n > 0 && object.self_text[0]) {
		n = (int64_t)strlen(object.self_text);
		n = n < size ? n : size;
		memcpy(job->out.bytes, object.self_text, (size_t)n);
	}
	job->out_len = n < 0 ? 0 : (uint32_t)n;
	return n;
}

/* Where the path of chdir(2), execve(2), statfs(2) leads. */
int64_t job_look(struct worker *w)
{
	uint64_t flags = w->job->arg[0];
	struct object object;
	int rc = resolve_job(w, 0, follows(flags), flags & AT_EMPTY_PATH, &object);

	fd_close(&object.fd);
	return rc < 0 ? rc : -EOPNOTSUPP;
}
