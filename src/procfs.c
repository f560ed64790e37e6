/* What /proc tells of a thread, proc(5). */
#include "procfs.h"

#include "util.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_MAX_HERE 64	/* "/proc/4194304/fd/2147483647" and to spare */
#define DELETED " (deleted)"

static void name_file(char out[NAME_MAX_HERE], pid_t tid, const char *name)
{
	snprintf(out, NAME_MAX_HERE, "/proc/%d/%s", tid, name);
}

/*
 * A name may really end in " (deleted)": then it leads to the same file. Nothing is
 * asked of a network file system that its kernel does not know, AT_STATX_DONT_SYNC.
 */
static bool is_same_file(const char *a, const char *b)
{
	struct statx x, y;

	if (statx(AT_FDCWD, a, AT_STATX_DONT_SYNC, STATX_INO, &x) < 0 ||
	    statx(AT_FDCWD, b, AT_STATX_DONT_SYNC, STATX_INO, &y) < 0)
		return false;
	return x.stx_ino == y.stx_ino && x.stx_dev_major == y.stx_dev_major &&
	       x.stx_dev_minor == y.stx_dev_minor;
}

ssize_t procfs_link(pid_t tid, const char *name, char *dst, size_t cap, bool *is_deleted)
{
	const size_t tail = sizeof DELETED - 1;
	char link[NAME_MAX_HERE];

	*is_deleted = false;
	name_file(link, tid, name);
	ssize_t n = readlink(link, dst, cap);
	if (n < 0)
		return -errno;
	if ((size_t)n == cap)
		return -ENAMETOOLONG;
	dst[n] = 0;
	if ((size_t)n > tail && strcmp(dst + n - tail, DELETED) == 0 && !is_same_file(link, dst)) {
		*is_deleted = true;
		n -= (ssize_t)tail;
		dst[n] = 0;
	}
	return n;
}

bool procfs_is_directory(pid_t tid, const char *name)
{
	char link[NAME_MAX_HERE];
	struct statx st;

	name_file(link, tid, name);
	return statx(AT_FDCWD, link, AT_STATX_DONT_SYNC, STATX_TYPE, &st) == 0 &&
	       S_ISDIR(st.stx_mode);
}

ssize_t procfs_read(pid_t tid, const char *name, char *dst, size_t cap)
{
	char file[NAME_MAX_HERE];

	name_file(file, tid, name);
	AUTO_FD fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, dst, cap - 1);
	if (n < 0)
		return -errno;
	if (n > 0 && dst[n - 1] == '\n')
		n--;
	dst[n] = 0;
	return n;
}

/* The name of a thread, which comes first, has its newlines escaped. */
static int number_after(const char *status, const char *key, pid_t *out)
{
	const char *line = strstr(status, key);

	return line && sscanf(line + strlen(key), "%d", out) == 1 ? 0 : -EIO;
}

int procfs_ids(pid_t tid, pid_t *tgid, pid_t *ppid)
{
	char status[2048];
	ssize_t n = procfs_read(tid, "status", status, sizeof status);

	if (n < 0)
		return (int)n;
	int rc = number_after(status, "\nTgid:", tgid);
	return rc < 0 ? rc : number_after(status, "\nPPid:", ppid);
}
