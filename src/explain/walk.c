/* Where a path of another process leads: path_resolution(7). */
#include "walk.h"

#include "../util.h"

#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#define LINKS_MAX 40		/* path_resolution(7) */
#define PROC_ROOT_INODE 1	/* fs/proc/root.c, since Linux 2.6 */
#define DELETED " (deleted)"

struct lookup {
	const struct walker *who;
	const struct walk_how *how;
	struct walk *out;
	int links;
	char rest[2 * PATH_MAX];	/* what is still to be looked up */
};

void walk_close(struct walk *walk)
{
	fd_close(&walk->root);
	fd_close(&walk->parent);
	fd_close(&walk->object);
}

static bool is_member(const struct walker *who, gid_t gid)
{
	bool is = who->gid == gid;

	for (size_t i = 0; i < who->n_groups; i++)
		is |= who->groups[i] == gid;
	return is;
}

bool walk_may(const struct walker *who, const struct stat *st, unsigned int wanted)
{
	unsigned int bits = st->st_mode;

	if (st->st_uid == who->uid)
		bits >>= 6;
	else if (is_member(who, st->st_gid))
		bits >>= 3;
	return (bits & wanted) == wanted;	/* R_OK, W_OK, X_OK are 4, 2, 1 as in a mode */
}

int walk_name(int fd, char text[PATH_MAX])
{
	char link[sizeof "/proc/self/fd/" + 12];

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, text, PATH_MAX);
	if (n < 0 || n == PATH_MAX)
		return n < 0 ? -errno : -ENAMETOOLONG;
	text[n] = 0;
	return 0;
}

static int look(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, O_PATH | O_CLOEXEC | flags);

	return fd < 0 ? -errno : fd;
}

/* The mount belongs to it: a directory can be seen on itself, by a bind mount. */
static int identify(int fd, struct statx *out)
{
	return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO | STATX_MNT_ID,
		     out) < 0 ? -errno : 0;
}

/* 1 if a and b are one directory, 0, or -errno */
static int is_same(int a, int b)
{
	struct statx x, y;
	int rc = identify(a, &x);

	if (rc == 0)
		rc = identify(b, &y);
	if (rc < 0)
		return rc;
	return x.stx_ino == y.stx_ino && x.stx_dev_major == y.stx_dev_major &&
	       x.stx_dev_minor == y.stx_dev_minor && x.stx_mnt_id == y.stx_mnt_id;
}

int walk_up(int *dir)
{
	AUTO_FD above = look(*dir, "..", O_DIRECTORY);
	int same = above < 0 ? above : is_same(*dir, above);

	if (same != 0)
		return same == 1 ? 0 : same;
	fd_close(dir);
	*dir = fd_take(&above);
	return 1;
}

/* Goes to fd, which it takes over. */
static int step_to(int *dir, int fd)
{
	if (fd < 0)
		return fd;
	fd_close(dir);
	*dir = fd;
	return 0;
}

static bool is_in_proc(int dir)
{
	struct statfs fs;

	return fstatfs(dir, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* The last number of a line of /proc/TID/status: the one in the innermost PID namespace. */
static int innermost(int tid, const char *key, int *out)
{
	char path[sizeof "/proc//status" + 12], status[4096];

	snprintf(path, sizeof path, "/proc/%d/status", tid);
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, status, sizeof status - 1);
	if (n < 0)
		return -errno;
	status[n] = 0;
	const char *line = strstr(status, key);
	if (!line)
		return -ESRCH;
	line += strlen(key);
	const char *last = line;
	for (const char *at = line; *at && *at != '\n'; at++)
		if (*at == '\t' || *at == ' ')
			last = at + 1;
	*out = atoi(last);
	return *out > 0 ? 0 : -ESRCH;
}

/* "self" and "thread-self" mean whoever looks: here that is not us. */
static int read_self(const struct lookup *l, const char *name, char *text, size_t cap)
{
	int tgid, tid, rc = innermost(l->how->tid, "\nNStgid:", &tgid);

	if (rc == 0)
		rc = innermost(l->how->tid, "\nNSpid:", &tid);
	if (rc < 0)
		return rc;
	if (strcmp(name, "self") == 0)
		return snprintf(text, cap, "%d", tgid);
	return snprintf(text, cap, "%d/task/%d", tgid, tid);
}

/* A link of /proc that is no text but leads straight to an open file: symlink(7). */
static bool is_magic(int dir, const char *name)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS,
	};
	AUTO_FD fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof how);

	return fd < 0 && errno == ELOOP;
}

/* The text of a link; 0: it has none that counts. */
static ssize_t read_link(const struct lookup *l, int dir, const char *name, char *text)
{
	struct stat st;

	if (is_in_proc(dir)) {
		bool is_self = strcmp(name, "self") == 0 || strcmp(name, "thread-self") == 0;
		if (is_self && fstat(dir, &st) == 0 && st.st_ino == PROC_ROOT_INODE)
			return read_self(l, name, text, PATH_MAX);
		if (is_magic(dir, name))
			return 0;
	}
	ssize_t n = readlinkat(dir, name, text, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	text[n] = 0;
	return n ? n : -ENOENT;
}

/* What a magic link led to; its place in the tree is asked of the kernel. */
static int settle_on(struct walk *out, int fd)
{
	const size_t tail = sizeof DELETED - 1;
	char text[PATH_MAX];
	struct stat st;

	fd_close(&out->object);
	out->object = fd;
	out->name[0] = 0;
	if (fstat(fd, &out->st) < 0)
		return -errno;
	int rc = walk_name(fd, text);
	if (rc < 0)
		return rc;
	size_t n = strlen(text);
	bool is_deleted = n > tail && strcmp(text + n - tail, DELETED) == 0;
	out->is_nameless = text[0] != '/' || (is_deleted && strncmp(text, "/memfd:", 7) == 0);
	if (out->is_nameless || S_ISDIR(out->st.st_mode))
		return 0;
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS,
	};
	char *slash = strrchr(text, '/');
	*slash = 0;
	out->parent = (int)syscall(SYS_openat2, out->root, *text ? text : "/", &how, sizeof how);
	if (out->parent < 0)
		return -errno;
	if (fstatat(out->parent, slash + 1, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	/* it was removed, or something else has its name */
	return st.st_dev == out->st.st_dev && st.st_ino == out->st.st_ino ? 0 : -ESTALE;
}

static int put_before(struct lookup *l, const char *text)
{
	size_t n = strlen(text), rest = strlen(l->rest);

	if (n + 1 + rest + 1 > sizeof l->rest)
		return -ENAMETOOLONG;
	memmove(l->rest + n + 1, l->rest, rest + 1);
	memcpy(l->rest, text, n);
	l->rest[n] = '/';
	if (!rest)
		l->rest[n] = 0;
	return 0;
}

/* Takes a symbolic link: *dir is where its text starts from, or *jump what it is. */
static int take_link(struct lookup *l, int *dir, const char *name, int *jump)
{
	char text[PATH_MAX];

	if (++l->links > LINKS_MAX)
		return -ELOOP;
	ssize_t n = read_link(l, *dir, name, text);
	if (n < 0)
		return (int)n;
	if (n == 0) {
		*jump = look(*dir, name, 0);
		return *jump < 0 ? *jump : 0;
	}
	if (text[0] == '/') {
		int rc = step_to(dir, look(l->out->root, ".", 0));
		if (rc < 0)
			return rc;
	}
	return put_before(l, text);
}

static int climb(const struct lookup *l, int *dir)
{
	int same = is_same(*dir, l->out->root);

	return same != 0 ? (same < 0 ? same : 0)
			 : (same = walk_up(dir)) < 0 ? same : 0;
}

/* Cuts the first name off. false: there is none any more. */
static bool next_name(struct lookup *l, char name[NAME_MAX + 1], bool *is_last, int *rc)
{
	char *from = l->rest + strspn(l->rest, "/");
	size_t n = strcspn(from, "/");
	const char *behind = from + n + strspn(from + n, "/");

	*rc = n > NAME_MAX ? -ENAMETOOLONG : 0;
	if (!n || *rc < 0)
		return false;
	memcpy(name, from, n);
	name[n] = 0;
	*is_last = !*behind;
	l->out->has_slash |= *is_last && from[n] == '/';
	memmove(l->rest, behind, strlen(behind) + 1);
	return true;
}

static int check_search(const struct lookup *l, int dir)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	return walk_may(l->who, &st, X_OK) ? 0 : -EACCES;
}

/* The last name, which is no link, or one that is not followed. */
static int finish(struct walk *out, int *dir, int fd, const char *name)
{
	snprintf(out->name, sizeof out->name, "%s", name);
	out->parent = fd_take(dir);
	out->object = fd;
	return 0;
}

/* Without a last name: a directory that was the start, or that ".." or a link led to. */
static int finish_directory(struct walk *out, int *dir)
{
	out->object = fd_take(dir);
	out->name[0] = 0;
	return fstat(out->object, &out->st) < 0 ? -errno : 0;
}

/* One name; 1: that was the end. */
static int take_name(struct lookup *l, int *dir, const char *name, bool is_last)
{
	struct walk *out = l->out;
	bool follows = !is_last || l->how->follows || out->has_slash;
	int rc = check_search(l, *dir);

	if (rc < 0 || strcmp(name, ".") == 0)
		return rc;
	if (strcmp(name, "..") == 0)
		return climb(l, dir);
	AUTO_FD fd = look(*dir, name, O_NOFOLLOW);
	if (fd == -ENOENT && is_last) {
		finish(out, dir, -1, name);
		return 1;
	}
	if (fd < 0)
		return fd;
	if (fstat(fd, &out->st) < 0)
		return -errno;
	if (S_ISLNK(out->st.st_mode) && follows) {
		int jump = -1;
		rc = take_link(l, dir, name, &jump);
		if (rc < 0 || jump < 0)
			return rc;
		if (!is_last)
			return step_to(dir, jump);
		rc = settle_on(out, jump);
		return rc < 0 ? rc : 1;
	}
	if (!is_last)
		return step_to(dir, fd_take(&fd));
	finish(out, dir, fd_take(&fd), name);
	return 1;
}

static int open_start(const struct walk_how *how, const char *what)
{
	char path[sizeof "/proc//" + 12 + sizeof "fd/" + 12];

	snprintf(path, sizeof path, "/proc/%d/%s", how->tid, what);
	return look(AT_FDCWD, path, 0);
}

/* The directory that a relative path starts from, or what an empty one is. */
static int open_base(const struct walk_how *how)
{
	char name[sizeof "fd/" + 12] = "cwd";

	if (how->dirfd != AT_FDCWD)
		snprintf(name, sizeof name, "fd/%d", how->dirfd);
	return open_start(how, name);
}

int walk(const struct walker *who, const struct walk_how *how, const char *path,
	 struct walk *out)
{
	struct lookup l = { .who = who, .how = how, .out = out };
	char name[NAME_MAX + 1];
	bool is_last;
	int rc;

	if (!*path && !how->may_be_empty)
		return -ENOENT;
	out->root = open_start(how, "root");
	if (out->root < 0)
		return out->root;
	AUTO_FD dir = path[0] == '/' ? look(out->root, ".", 0) : open_base(how);
	if (dir < 0)
		return dir;
	if (!*path)
		return settle_on(out, fd_take(&dir));
	snprintf(l.rest, sizeof l.rest, "%s", path);
	while (next_name(&l, name, &is_last, &rc)) {
		rc = take_name(&l, &dir, name, is_last && !*l.rest);
		if (rc != 0)
			return rc < 0 ? rc : 0;
	}
	return rc < 0 ? rc : finish_directory(out, &dir);
}
