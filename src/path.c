/*
 * demi_mem_path: the path that a call means, from its arguments and what /proc tells
 * of the calling thread. A thread can have a cwd and descriptors of its own.
 */
#include "notify.h"
#include "procfs.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>

#define FD_NAME_MAX 16		/* "fd/" and a number */

/* Asked last: it says that all that was read belonged to the thread that calls. */
static ssize_t checked(const struct demi_mem *mem, ssize_t n)
{
	int rc = notify_check(mem->run->listener, mem->call->notif.id);

	return rc < 0 ? rc : n;
}

static pid_t caller(const struct demi_mem *mem)
{
	return (pid_t)mem->call->notif.pid;
}

static const char *link_name(int fd, char buf[FD_NAME_MAX])
{
	if (fd == AT_FDCWD)
		return "cwd";
	snprintf(buf, FD_NAME_MAX, "fd/%d", fd);
	return buf;
}

static ssize_t fd_link(pid_t tid, int fd, char *dst, size_t cap, bool *is_deleted)
{
	char name[FD_NAME_MAX];

	*is_deleted = false;
	if (fd < 0 && fd != AT_FDCWD)
		return -EBADF;
	ssize_t n = procfs_link(tid, link_name(fd, name), dst, cap, is_deleted);
	return n == -ENOENT && fd != AT_FDCWD ? -EBADF : n;
}

ssize_t demi_mem_fd_path(struct demi_mem *mem, int fd, char *dst, size_t cap,
			 int *is_deleted)
{
	bool deleted;
	ssize_t n = fd_link(caller(mem), fd, dst, cap, &deleted);

	*is_deleted = deleted;
	return checked(mem, n);
}

ssize_t demi_mem_exe(struct demi_mem *mem, char *dst, size_t cap)
{
	bool deleted;

	return checked(mem, procfs_link(caller(mem), "exe", dst, cap, &deleted));
}

ssize_t demi_mem_comm(struct demi_mem *mem, char *dst, size_t cap)
{
	return checked(mem, procfs_read(caller(mem), "comm", dst, cap));
}

int demi_mem_ids(struct demi_mem *mem, pid_t *tgid, pid_t *ppid)
{
	return (int)checked(mem, procfs_ids(caller(mem), tgid, ppid));
}

/* Writes the folded form of an absolute path over it; ".." of the root is the root. */
static size_t fold(char *path)
{
	const char *from = path;
	char *to = path;

	while (*from) {
		while (*from == '/')
			from++;
		size_t len = strcspn(from, "/");
		if (len == 2 && from[0] == '.' && from[1] == '.') {
			while (to > path && *--to != '/')
				;
		} else if (len && !(len == 1 && from[0] == '.')) {
			*to++ = '/';	/* never ahead of from */
			memmove(to, from, len);
			to += len;
		}
		from += len;
	}
	if (to == path)
		*to++ = '/';
	*to = 0;
	return (size_t)(to - path);
}

/* A call's path argument, and what decides how it is taken. */
struct place {
	uint64_t addr;
	int dirfd;
	bool may_be_empty;		/* "" is dirfd itself */
	bool is_rooted;			/* at dirfd: RESOLVE_IN_ROOT of openat2(2) */
};

static int find_how(struct demi_mem *mem, const struct demi_arg *how, uint64_t addr,
		    bool *is_rooted)
{
	struct open_how copy;

	*is_rooted = false;
	if (strcmp(how->kind, "open_how") != 0)
		return 0;
	ssize_t n = demi_mem_read(mem, addr, &copy, sizeof copy);
	if (n != sizeof copy)
		return n < 0 ? (int)n : -EFAULT;
	*is_rooted = copy.resolve & RESOLVE_IN_ROOT;
	return 0;
}

static int find_place(struct demi_mem *mem, int i, struct place *out)
{
	const struct demi_notif *notif = &mem->call->notif;
	const uint64_t *args = notif->args;
	size_t n;
	const struct demi_arg *list = demi_syscall_args(notif->syscall_nr, &n);

	if (i < 0 || (size_t)i >= n || strcmp(list[i].kind, "path") != 0)
		return -EINVAL;
	int dirfd = list[i].refs[0], flags = list[i].refs[1];
	*out = (struct place){
		.addr = args[i],
		.dirfd = dirfd < 0 ? AT_FDCWD : (int)args[dirfd],
		.may_be_empty = list[i].may_be_null ||
				(flags >= 0 && args[flags] & AT_EMPTY_PATH),
	};
	return (size_t)i + 1 < n
		? find_how(mem, &list[i + 1], args[i + 1], &out->is_rooted) : 0;
}

/* The directory that a relative path starts from; its length. */
static ssize_t read_base(pid_t tid, int dirfd, char base[PATH_MAX])
{
	char name[FD_NAME_MAX];
	bool is_deleted;
	ssize_t n = fd_link(tid, dirfd, base, PATH_MAX, &is_deleted);

	if (n < 0)
		return n;
	if (dirfd != AT_FDCWD && !procfs_is_directory(tid, link_name(dirfd, name)))
		return -ENOTDIR;
	/* neither a name nor, through it, any name beneath */
	return is_deleted || base[0] != '/' ? -ENOENT : n;
}

/*
 * "" and, where the call takes it, NULL: the descriptor's own file, as proc(5) shows it.
 * A file without a name is no reason to fail: programs fstat(2) their temporary files.
 */
static ssize_t path_of_descriptor(const struct demi_mem *mem, const struct place *place,
				  char *dst, size_t cap)
{
	static const char mark[] = " (deleted)";
	bool is_deleted;

	if (!place->may_be_empty)
		return -ENOENT;
	ssize_t n = fd_link(caller(mem), place->dirfd, dst, cap, &is_deleted);
	if (n < 0 || !is_deleted)
		return n;
	if ((size_t)n + sizeof mark > cap)
		return -ENAMETOOLONG;
	memcpy(dst + n, mark, sizeof mark);
	return n + (ssize_t)sizeof mark - 1;
}

/* Puts base before the n bytes at dst. */
static ssize_t join(char *dst, size_t n, size_t cap, const struct place *place,
		    const char *base)
{
	size_t len = strlen(base);

	if (len + 1 + n + 1 >= cap)
		return -ENAMETOOLONG;
	if (place->is_rooted) {		/* ".." must not climb above base */
		memmove(dst + 1, dst, n + 1);
		dst[0] = '/';
		n = fold(dst);
	}
	memmove(dst + len + 1, dst, n + 1);
	memcpy(dst, base, len);
	dst[len] = '/';
	return (ssize_t)fold(dst);
}

static ssize_t resolve(struct demi_mem *mem, int arg, char *dst, size_t cap)
{
	char base[PATH_MAX];
	struct place place;
	int rc = find_place(mem, arg, &place);

	if (rc < 0)
		return rc;
	if (!place.addr && place.may_be_empty)
		return path_of_descriptor(mem, &place, dst, cap);
	/* kept with the call: what is performed is what was judged */
	ssize_t n = demi_mem_read_cstr(mem, place.addr, dst, cap < PATH_MAX ? cap : PATH_MAX);
	if (n < 0)
		return n;
	if (n == 0)
		return path_of_descriptor(mem, &place, dst, cap);
	if (dst[0] == '/' && !place.is_rooted)
		return (ssize_t)fold(dst);
	ssize_t len = read_base(caller(mem), place.dirfd, base);
	return len < 0 ? len : join(dst, (size_t)n, cap, &place, base);
}

ssize_t demi_mem_path(struct demi_mem *mem, int arg, char *dst, size_t cap)
{
	return cap < 2 ? -ENAMETOOLONG : checked(mem, resolve(mem, arg, dst, cap));
}
