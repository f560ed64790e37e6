/* chmod(2), chown(2), truncate(2), utimensat(2): they change what an object says of itself. */
#include "resolve.h"

#include "../util.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int64_t result_of(long rc)
{
	return rc < 0 ? -errno : rc;
}

/* Through /proc/self/fd, where the kernel finds the object that the descriptor holds:
 * fchmodat2(2) with AT_EMPTY_PATH is as new as Linux 6.6. */
int64_t job_chmod(struct worker *w)
{
	int flags = (int)w->job->arg[1];
	struct object object;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	int rc = resolve_job(w, 0, !(flags & AT_SYMLINK_NOFOLLOW), flags & AT_EMPTY_PATH,
			     &object);
	if (rc < 0)
		return rc;
	int64_t result = result_of(fchmodat(w->own_fds, resolve_name(object.fd).text,
					    (mode_t)w->job->arg[0], 0));
	close(object.fd);
	return result;
}

int64_t job_chown(struct worker *w)
{
	struct job *job = w->job;
	int flags = (int)job->arg[2];
	struct object object;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	int rc = resolve_job(w, 0, !(flags & AT_SYMLINK_NOFOLLOW), flags & AT_EMPTY_PATH,
			     &object);
	if (rc < 0)
		return rc;
	int64_t result = result_of(fchownat(object.fd, "", (uid_t)job->arg[0],
					    (gid_t)job->arg[1], AT_EMPTY_PATH));
	close(object.fd);
	return result;
}

/* The limit is the caller's, and so is the signal, getrlimit(2). */
static int take_file_limit(const struct worker *w)
{
	struct rlimit theirs, ours;

	if (w->has_own_numbers)	/* it cannot be asked: ours is what the program started with */
		return 0;
	if (prlimit(w->job->tid, RLIMIT_FSIZE, NULL, &theirs) < 0 ||
	    getrlimit(RLIMIT_FSIZE, &ours) < 0)
		return -errno;
	ours.rlim_cur = theirs.rlim_cur < ours.rlim_max ? theirs.rlim_cur : ours.rlim_max;
	return setrlimit(RLIMIT_FSIZE, &ours) < 0 ? -errno : 0;
}

/* There is no truncate(2) on an O_PATH descriptor; our directory is own_fds. */
int64_t job_truncate(struct worker *w)
{
	int64_t length = (int64_t)w->job->arg[0];
	struct object object;

	if (length < 0)
		return -EINVAL;
	int rc = resolve_job(w, 0, true, false, &object);
	if (rc < 0)
		return rc;
	rc = take_file_limit(w);
	int64_t result = rc < 0 ? rc : result_of(truncate(resolve_name(object.fd).text, length));
	close(object.fd);
	if (result == -EFBIG && !w->has_own_numbers)
		syscall(SYS_tkill, w->job->tid, SIGXFSZ);
	return result;
}

int64_t job_utimens(struct worker *w)
{
	struct job *job = w->job;
	int flags = (int)job->arg[0];
	struct object object;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	/* utimensat(2), NOTES: without a path it is futimens(3) */
	int rc = resolve_job(w, 0, !(flags & AT_SYMLINK_NOFOLLOW),
			     flags & AT_EMPTY_PATH || !job->has_path[0], &object);
	if (rc < 0)
		return rc;
	int64_t result = result_of(syscall(SYS_utimensat, object.fd, "",
					   job->has_input ? job->input.times : NULL,
					   AT_EMPTY_PATH));
	close(object.fd);
	return result;
}
