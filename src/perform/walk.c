/*
 * A path walked name by name, path_resolution(7), for what the kernel's own walk would
 * get wrong: what depends on who walks is the caller's here.
 */
#include "another.h"
#include "resolve.h"

#include "../util.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINKS_MAX 40		/* path_resolution(7) */
#define PROC_ROOT_INODE 1	/* fs/proc/root.c; the same since Linux 2.6 */

struct walk {
	struct worker *w;
	int at;			/* the directory reached so far */
	uint64_t rules;
	int n_links;
	bool wants_directory;	/* a slash stands behind the last name */
	char rest[2 * PATH_MAX];
	struct object *out;
};

/*
 * As fs.protected_symlinks has it, proc_sys_fs(5): a link in a sticky directory that
 * everyone may write to is followed for its owner and the directory's only. The
 * kernel checks it in its own walk; here it is taken to be on.
 */
int walk_read_link(int dir, int link, char text[PATH_MAX])
{
	uid_t follower = (uid_t)syscall(SYS_setfsuid, -1);	/* changes nothing */
	struct stat where, st;

	if (fstat(dir, &where) < 0 || fstat(link, &st) < 0)
		return -errno;
	if ((where.st_mode & (S_ISVTX | S_IWOTH)) == (S_ISVTX | S_IWOTH) &&
	    st.st_uid != follower && st.st_uid != where.st_uid)
		return -EACCES;
	ssize_t n = readlinkat(link, "", text, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	text[n] = 0;
	return n ? 0 : -ENOENT;
}

static bool is_proc_root(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_ino == PROC_ROOT_INODE && resolve_is_proc(fd);
}

/*
 * What "self" and "thread-self" of a proc directory say to the caller. Its numbers
 * are known as our own /proc shows them: in another one, of another pid namespace,
 * they mean somebody else.
 */
static int put_self(const struct walk *walk, const char *name, char text[32])
{
	const struct job *job = walk->w->job;
	struct stat here, ours;

	text[0] = 0;
	if (!is_proc_root(walk->at))
		return 0;
	if (strcmp(name, "self") == 0)
		snprintf(text, 32, "%d", job->process);
	else if (strcmp(name, "thread-self") == 0)
		snprintf(text, 32, "%d/task/%d", job->process, job->tid);
	else
		return 0;
	/* without it the text leads nowhere, and the whole job is done again */
	walk->w->needs_process |= !job->process;
	if (fstat(walk->at, &here) < 0 || fstat(walk->w->proc, &ours) < 0 ||
	    here.st_dev != ours.st_dev)
		return job_refuse(walk->w->job, EACCES,
				  "/proc/self of another pid namespace");
	return 1;
}

static void move_to(struct walk *walk, int fd)
{
	fd_close(&walk->at);
	walk->at = fd;
}

/* The link's text takes the place of its name before the rest. */
static int insert(struct walk *walk, const char *text)
{
	size_t len = strlen(text), rest = strlen(walk->rest);

	if (len + 1 + rest >= sizeof walk->rest)
		return -ENAMETOOLONG;
	memmove(walk->rest + len + 1, walk->rest, rest + 1);
	memcpy(walk->rest, text, len);
	walk->rest[len] = '/';
	if (rest == 0)
		walk->rest[len] = 0;
	if (text[0] == '/') {
		int root = open("/", O_PATH | O_CLOEXEC | O_DIRECTORY);
		if (root < 0)
			return -errno;
		move_to(walk, root);
	}
	return 0;
}

static bool is_magic(const struct walk *walk, const char *name)
{
	AUTO_FD fd = resolve_look(walk->at, name, true, RESOLVE_NO_MAGICLINKS);

	return fd == -ELOOP;
}

struct leap {
	int from;
	const char *name;
};

static int64_t follow_magic(const void *ud)
{
	const struct leap *leap = ud;

	return resolve_look(leap->from, leap->name, true, 0);
}

/* The kernel asks whether who follows it, and has the caller's rights, may look into
 * that process. */
static int jump(struct walk *walk, const char *name)
{
	struct leap leap = { walk->at, name };

	if (walk->rules & RESOLVE_NO_MAGICLINKS)
		return -ELOOP;
	int fd = (int)another_does(walk->w->job, follow_magic, &leap);
	if (fd < 0)
		return fd;
	move_to(walk, fd);
	return 0;
}

/* A link on the way; link is open without having been followed. */
static int follow(struct walk *walk, const char *name, int link)
{
	char text[PATH_MAX];

	if (walk->rules & RESOLVE_NO_SYMLINKS || ++walk->n_links > LINKS_MAX)
		return -ELOOP;
	if (resolve_is_proc(link)) {
		int is_self = put_self(walk, name, text);
		if (is_self)
			return is_self < 0 ? is_self : insert(walk, text);
		if (is_magic(walk, name))
			return jump(walk, name);
	}
	int rc = walk_read_link(walk->at, link, text);
	return rc < 0 ? rc : insert(walk, text);
}

/* Takes the next name off the rest; is_last: only slashes follow, or nothing. */
static bool next_name(struct walk *walk, char name[PATH_MAX], bool *is_last)
{
	const char *from = walk->rest + strspn(walk->rest, "/");
	size_t len = strcspn(from, "/");

	if (len >= PATH_MAX)
		return false;
	memcpy(name, from, len);
	name[len] = 0;
	const char *after = from + len + strspn(from + len, "/");
	*is_last = !*after;
	walk->wants_directory |= *is_last && from[len] == '/';
	memmove(walk->rest, after, strlen(after) + 1);
	return true;
}

static int step(struct walk *walk, bool follows)
{
	char name[PATH_MAX];
	bool is_last;
	struct stat st;
	int rc;

	if (!next_name(walk, name, &is_last))
		return -ENAMETOOLONG;
	AUTO_FD fd = resolve_look(walk->at, name, false, 0);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode) && (!is_last || follows || walk->wants_directory))
		return follow(walk, name, fd);
	if (S_ISLNK(st.st_mode) && resolve_is_proc(fd) &&
	    (rc = put_self(walk, name, walk->out->self_text)) < 0)
		return rc;
	move_to(walk, fd_take(&fd));
	return 0;
}

static bool is_directory(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

int walk_by_name(struct worker *w, int base, const char *path, bool follows,
			uint64_t rules, struct object *out)
{
	struct walk walk = { .w = w, .rules = rules, .out = out };

	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(walk.rest, path);
	walk.at = path[0] == '/' ? resolve_look(AT_FDCWD, "/", true, 0) : resolve_look(base, ".", true, 0);
	int rc = walk.at < 0 ? walk.at : 0;
	while (rc == 0 && walk.rest[strspn(walk.rest, "/")])
		rc = step(&walk, follows);
	if (rc == 0 && walk.wants_directory && !is_directory(walk.at))
		rc = -ENOTDIR;
	if (rc < 0)
		fd_close(&walk.at);
	out->fd = walk.at;
	return rc;
}
