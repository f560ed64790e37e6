/*
 * Paths as the calling thread means them. This process has the thread's root, its
 * mounts and its credentials, so the kernel's own walk is right, but for what depends
 * on who walks: /proc/self and the magic links, proc(5), openat2(2). The kernel walks
 * first and stops at a magic link; a path that could have led through /proc/self is
 * walked again, by walk.c.
 */
#include "another.h"
#include "resolve.h"

#include "../kernel.h"
#include "../util.h"
#include "view.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Rules of openat2(2) that a walk of ours, name by name, cannot keep. */
#define WHOLE_WALK (RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_NO_XDEV)

int resolve_look(int dir, const char *path, bool follows, uint64_t rules)
{
	struct open_how how = {
		.flags = (uint64_t)(O_PATH | O_CLOEXEC | (follows ? 0 : O_NOFOLLOW)),
		.resolve = rules,
	};

	return kernel_openat2(dir, path, &how);
}

bool resolve_is_proc(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) < 0 || fs.f_type == PROC_SUPER_MAGIC;
}

bool resolve_is_local(int fd)
{
	static const long local[] = {
		EXT4_SUPER_MAGIC, BTRFS_SUPER_MAGIC, XFS_SUPER_MAGIC, TMPFS_MAGIC, RAMFS_MAGIC,
		OVERLAYFS_SUPER_MAGIC, F2FS_SUPER_MAGIC, EROFS_SUPER_MAGIC_V1, SQUASHFS_MAGIC,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		if (fs.f_type == local[i])
			return true;
	return false;
}

struct fd_name resolve_name(int fd)
{
	struct fd_name name;

	snprintf(name.text, sizeof name.text, "%d", fd);
	return name;
}

/* An object that is to be opened as what its descriptor stands for. */
struct again {
	int dir;
	const char *name;
	uint64_t flags, mode;
};

static int64_t open_again(const void *ud)
{
	const struct again *again = ud;
	int fd = openat(again->dir, again->name, (int)again->flags | O_CLOEXEC | O_NOCTTY,
			(mode_t)again->mode);

	return fd < 0 ? -errno : fd;
}

int resolve_reopen(struct worker *w, int fd, uint64_t flags, uint64_t mode)
{
	char name[32];

	if (w->must_not_wait || !resolve_is_proc(fd))
		return (int)open_again(&(struct again){ w->own_fds, resolve_name(fd).text,
							flags, mode });
	snprintf(name, sizeof name, "self/fd/%d", fd);
	return (int)another_does(w->job, open_again,
				 &(struct again){ w->proc, name, flags, mode });
}

/* EACCES and ESRCH of /proc say that the program cannot be looked into. */
static int open_of_caller(struct worker *w, const char *what)
{
	char path[64];

	snprintf(path, sizeof path, "%d/%s", w->job->tid, what);
	int fd = openat(w->proc, path, O_PATH | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno == EACCES || errno == EPERM)
		return job_refuse(w->job, EPERM, "the program made itself unreadable");
	return -errno;
}

static int open_dirfd(struct worker *w, int dirfd)
{
	char name[32];

	if (dirfd == AT_FDCWD)
		return open_of_caller(w, "cwd");
	if (dirfd < 0)
		return -EBADF;
	snprintf(name, sizeof name, "fd/%d", dirfd);
	int fd = open_of_caller(w, name);
	return fd == -ENOENT ? -EBADF : fd;
}

int resolve_base(struct worker *w, int which)
{
	const struct job *job = w->job;
	/* openat2(2): then the directory is the root of an absolute path, too */
	bool is_root = job->op == OP_OPEN && job->has_input &&
		       job->input.how.resolve & RESOLVE_IN_ROOT;

	if (job->has_path[which] && job->path[which][0] == '/' && !is_root)
		return AT_FDCWD;
	return open_dirfd(w, job->dir[which]);
}

static bool starts_locally(int base, const char *path)
{
	AUTO_FD root = path[0] == '/' ? resolve_look(AT_FDCWD, "/", true, 0) : -1;

	return resolve_is_local(root < 0 ? base : root);
}

int resolve_object(struct worker *w, int base, const char *path, bool follows,
		   uint64_t rules, struct object *out)
{
	uint64_t cached = w->must_not_wait ? RESOLVE_CACHED : 0;

	*out = (struct object){ .fd = -1 };
	int fd = resolve_look(base, path, follows, rules | RESOLVE_NO_MAGICLINKS | cached);
	if (fd >= 0 && (w->must_not_wait ? resolve_is_local(fd) : !resolve_is_proc(fd))) {
		out->fd = fd;
		return 0;
	}
	bool was_found = fd >= 0;
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -EACCES) {
		/* the same without any link: nothing was /proc/self; and within one mount, where
		 * it matters who asks about other processes */
		uint64_t plain = RESOLVE_NO_SYMLINKS | (w->sees_more ? RESOLVE_NO_XDEV : 0);
		int again = resolve_look(base, path, follows, rules | plain | cached);
		bool is_same = again == fd && (!w->sees_more || starts_locally(base, path));
		fd_close(&again);
		if (is_same)
			return fd;
	} else if (!was_found && fd != -ELOOP) {
		return fd;
	}
	int rc = fd;
	fd_close(&fd);
	if (w->must_not_wait)
		return -EAGAIN;
	if (rules & WHOLE_WALK)
		return was_found ? job_refuse(w->job, EOPNOTSUPP,
					      "RESOLVE_BENEATH, _IN_ROOT or _NO_XDEV into /proc")
				 : rc;
	return walk_by_name(w, base, path, follows, rules, out);
}

int resolve_place(struct worker *w, int which, int fd, const char *name)
{
	struct job *job = w->job;
	char text[2 * PATH_MAX];

	if (!job->has_real[which] && job->wants_real != which + 1)
		return 0;
	/* the kernel writes it as seen from our root, which is the caller's */
	ssize_t n = readlinkat(w->own_fds, resolve_name(fd).text, text, PATH_MAX);
	if (n < 0)
		return -errno;
	text[n] = 0;
	if (name)
		snprintf(text + n, sizeof text - (size_t)n, "%s%.*s", n == 1 ? "" : "/",
			 (int)strcspn(name, "/"), name);
	if (strlen(text) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (job->has_real[which])
		return strcmp(text, job->real[which]) == 0 ? 0 : -ESTALE;
	strcpy(job->real[which], text);
	return -ECANCELED;
}

int resolve_job(struct worker *w, int which, bool follows, bool allows_empty,
		struct object *out)
{
	const struct job *job = w->job;
	bool is_empty = !job->has_path[which] || !job->path[which][0];

	*out = (struct object){ .fd = -1 };
	if (is_empty && !allows_empty)
		return -ENOENT;
	AUTO_FD base = resolve_base(w, which);
	if (base < 0 && base != AT_FDCWD)
		return base;
	if (is_empty) {
		out->fd = fd_take(&base);
		int rc = resolve_place(w, which, out->fd, NULL);
		if (rc < 0)
			fd_close(&out->fd);
		return rc;
	}
	int rc = resolve_object(w, base, job->path[which], follows, 0, out);
	if (rc == 0)
		rc = resolve_place(w, which, out->fd, NULL);
	if (rc < 0)
		fd_close(&out->fd);
	return rc;
}

int resolve_entry(struct worker *w, int base, const char *path, uint64_t rules,
		  struct entry *out)
{
	char parent[PATH_MAX];
	size_t end = strlen(path);
	struct object dir;

	out->dir = -1;
	if (!end)
		return -ENOENT;
	while (end > 0 && path[end - 1] == '/')
		end--;
	while (end > 0 && path[end - 1] != '/')
		end--;
	/* "/" and "///" have no last name: the kernel says what becomes of them */
	snprintf(out->name, sizeof out->name, "%s", path + end);
	if (!out->name[0])
		strcpy(out->name, "/");
	if (end + 2 > sizeof parent)
		return -ENAMETOOLONG;
	/* the dot asks for what a name behind it would need: a directory, to be searched */
	snprintf(parent, sizeof parent, "%.*s.", (int)end, path);
	int rc = resolve_object(w, base, parent, true, rules, &dir);
	out->dir = dir.fd;
	return rc;
}

int resolve_job_entry(struct worker *w, int which, struct entry *out)
{
	const struct job *job = w->job;

	out->dir = -1;
	if (!job->path[which][0])
		return -ENOENT;
	AUTO_FD base = resolve_base(w, which);
	if (base < 0 && base != AT_FDCWD)
		return base;
	int rc = resolve_entry(w, base, job->path[which], 0, out);
	if (rc == 0)
		rc = resolve_place(w, which, out->dir, out->name);
	if (rc < 0)
		fd_close(&out->dir);
	return rc;
}

int job_refuse(struct job *job, int error, const char *why)
{
	snprintf(job->complaint, sizeof job->complaint, "perform: %s", why);
	return -error;
}
