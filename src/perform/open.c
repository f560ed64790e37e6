/*
 * open(2), creat(2), openat(2), openat2(2). What exists is looked at before it is
 * opened; what may be made is made in the directory that the path led to, where the
 * last name is not followed: we follow it, so that /dev/stdout is the caller's.
 */
#include "resolve.h"

#include "../kernel.h"
#include "../util.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 40
#define KINDS_OF_TMPFILE (O_TMPFILE & ~O_DIRECTORY)	/* O_TMPFILE includes O_DIRECTORY */
/* With these alone a combination cannot be invalid. */
#define ALWAYS_VALID (O_ACCMODE | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK)
/* Rules that need the whole path in one walk. */
#define WHOLE_WALK (RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_NO_XDEV)

static int open_plainly(int dir, const char *name, uint64_t flags, uint64_t mode)
{
	int fd = openat(dir, name, (int)flags | O_CLOEXEC | O_NOCTTY, (mode_t)mode);

	return fd < 0 ? -errno : fd;
}

/* The kernel looks at flags before it looks at the path. */
static int check_flags(const struct job *job, const struct open_how *how)
{
	int fd = job->has_input ? kernel_openat2(AT_FDCWD, "", how)
				: open_plainly(AT_FDCWD, "", how->flags, how->mode);

	return fd == -ENOENT ? 0 : fd;
}

/*
 * O_PATH descriptors cannot be given to another process this way: EBADF of
 * SECCOMP_IOCTL_NOTIF_ADDFD. For a directory that may be read an ordinary one does
 * all that O_PATH would; for anything else it would do more.
 */
static int stand_in_for_o_path(struct worker *w, const struct stat *st, int fd,
			       uint64_t flags)
{
	if (S_ISDIR(st->st_mode))
		return resolve_reopen(w, fd, O_RDONLY | O_DIRECTORY, 0);
	if (flags & O_DIRECTORY)
		return -ENOTDIR;
	return job_refuse(w->job, EOPNOTSUPP,
			  "O_PATH of what is not a directory cannot be handed over");
}

/* /dev/tty, the terminal of whoever opens it, tty(4) */
static bool is_own_terminal(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(5, 0);
}

static int check_terminal(struct worker *w, const struct stat *st)
{
	if (!is_own_terminal(st))
		return 0;
	if (!w->has_own_numbers && getsid(w->job->tid) == getsid(0))
		return 0;
	return job_refuse(w->job, ENXIO, "/dev/tty of another session");
}

/* Opens what an object is. */
static int reopen(struct worker *w, int fd, uint64_t flags, uint64_t mode)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (flags & O_PATH)
		return stand_in_for_o_path(w, &st, fd, flags);
	if (S_ISLNK(st.st_mode))
		return flags & O_DIRECTORY ? -ENOTDIR : -ELOOP;
	int rc = check_terminal(w, &st);
	if (rc < 0)
		return rc;
	return resolve_reopen(w, fd, flags & ~(uint64_t)O_NOFOLLOW, mode);
}

/*
 * In one step, for a performer, which may wait: what was opened is looked at
 * afterwards. Returns -1 if its name means another file to us than to the caller, or
 * might: then it has to be looked for name by name.
 */
static int open_directly(int base, const char *path, const struct open_how *how)
{
	struct open_how safe = *how;
	struct stat st;

	safe.flags = (uint32_t)how->flags | O_CLOEXEC | O_NOCTTY;
	safe.resolve |= RESOLVE_NO_MAGICLINKS;
	AUTO_FD fd = kernel_openat2(base, path, &safe);
	if (fd < 0 || resolve_is_proc(fd) || fstat(fd, &st) < 0 || is_own_terminal(&st))
		return -1;
	return fd_take(&fd);
}

static struct hint *find_hint(const struct worker *w, const char *path)
{
	uint64_t hash = 0xcbf29ce484222325;	/* FNV-1a */

	for (const char *c = path; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
	struct hint *hint = &w->hints[hash % HINTS];
	if (hint->path != hash)
		*hint = (struct hint){ .path = hash };
	return hint;
}

/* O_NONBLOCK was only ours: so that a lease, fcntl(2), does not hold us up. */
static int may_block_again(int fd, uint64_t flags)
{
	if (flags & O_NONBLOCK)
		return 0;
	return fcntl(fd, F_SETFL, (int)flags & ~(O_NONBLOCK | O_CLOEXEC)) < 0 ? -errno : 0;
}

static bool writes(const struct open_how *how)
{
	return (how->flags & O_ACCMODE) != O_RDONLY;
}

/* Whether the program may open it; false: a performer, bound by its rules, can tell. */
static bool is_granted(const struct worker *w, int fd, const struct stat *st,
		       const struct open_how *how)
{
	return !w->beneath || beneath_grants(w->beneath, w->own_fds, fd, st, writes(how));
}

/*
 * In one step in the server, if the path led to a plain file before. -EAGAIN: it has
 * to be looked at first. If it is a FIFO by now, w->held keeps our end of it open
 * until the call is done: a writer that saw it must not see it go.
 */
static int open_by_hint(struct worker *w, int base, const char *path,
			const struct open_how *how, const struct hint *hint)
{
	struct open_how safe = *how;
	struct stat st;

	/* what a decision or rules do not let pass is not opened to find out what it is: a
	 * FIFO's reader sees it come and go, and there are devices that do more */
	if (!hint->inode || w->job->wants_real || w->job->has_real[0])
		return -EAGAIN;
	safe.flags |= O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	safe.resolve |= RESOLVE_NO_MAGICLINKS | RESOLVE_CACHED;
	if (w->beneath) {
		/* rules of the caller's are about the way from its own start */
		base = how->resolve ? -1 : beneath_enter(w->beneath, path, writes(how), &path);
		if (base < 0)
			return -EAGAIN;
		safe.resolve |= RESOLVE_BENEATH;
	}
	AUTO_FD fd = kernel_openat2(base, path, &safe);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -EAGAIN;
	if (st.st_dev == hint->device && st.st_ino == hint->inode) {
		int rc = may_block_again(fd, how->flags);
		return rc < 0 ? rc : fd_take(&fd);
	}
	if (S_ISFIFO(st.st_mode))
		w->held = fd_take(&fd);
	return -EAGAIN;
}

/* In the server: what a performer does not have to be asked for. */
static int open_at_once(struct worker *w, int base, const char *path,
			const struct open_how *how)
{
	struct hint *hint = find_hint(w, path);
	struct object object;
	struct stat st;
	int rc = how->flags & ~(uint64_t)ALWAYS_VALID ? -EAGAIN
		 : open_by_hint(w, base, path, how, hint);

	if (rc != -EAGAIN || w->held >= 0)
		return rc;
	hint->inode = 0;
	rc = resolve_object(w, base, path, !(how->flags & O_NOFOLLOW), how->resolve, &object);
	if (rc < 0)
		return rc;
	rc = resolve_place(w, 0, object.fd, NULL);
	if (rc < 0 || fstat(object.fd, &st) < 0)
		rc = rc < 0 ? rc : -errno;
	else if ((!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) || how->flags & O_PATH ||
		 !is_granted(w, object.fd, &st, how))
		rc = -EAGAIN;
	else
		rc = resolve_reopen(w, object.fd,
				    (how->flags & ~(uint64_t)O_NOFOLLOW) | O_NONBLOCK, 0);
	close(object.fd);
	AUTO_FD fd = rc;
	rc = fd < 0 ? fd : may_block_again(fd, how->flags);
	if (rc < 0)
		return rc;
	hint->device = st.st_dev;
	hint->inode = st.st_ino;
	return fd_take(&fd);
}

static int open_existing(struct worker *w, int base, const char *path,
			 const struct open_how *how)
{
	struct object object;

	if (w->must_not_wait)
		return open_at_once(w, base, path, how);
	/* where it leads to was decided on: nothing else is opened, not for a moment */
	bool is_decided = w->job->has_real[0] || w->job->wants_real;
	if (!is_decided && !(how->flags & ~(uint64_t)(ALWAYS_VALID | O_APPEND | O_TRUNC))) {
		int fd = open_directly(base, path, how);
		if (fd >= 0)
			return fd;
	}
	int rc = resolve_object(w, base, path, !(how->flags & O_NOFOLLOW), how->resolve,
				&object);
	if (rc < 0)
		return rc;
	rc = resolve_place(w, 0, object.fd, NULL);
	if (rc == 0)
		rc = reopen(w, object.fd, how->flags, how->mode);
	close(object.fd);
	return rc;
}

/* open(2) leaves unknown flags out, openat2(2) refuses them. */
static int open_here(const struct job *job, int dir, const char *name,
		     const struct open_how *how)
{
	return job->has_input ? kernel_openat2(dir, name, how)
			      : open_plainly(dir, name, how->flags, how->mode);
}

static bool is_link(int dir, const char *name)
{
	char byte;

	return readlinkat(dir, name, &byte, 1) >= 0;
}

/* -ELOOP: the name is a link, which the caller follows. */
static int create_here(struct worker *w, int dir, const char *name,
		       const struct open_how *how, bool follows)
{
	if (w->job->has_real[0] || w->job->wants_real) {
		if (follows && is_link(dir, name))
			return -ELOOP;
		int rc = resolve_place(w, 0, dir, name);
		if (rc < 0)
			return rc;
	}
	return open_here(w->job, dir, name, how);
}

/*
 * In a directory of /proc, where nothing can be made, but what is there depends on who
 * opens it. As the kernel opens for making: no directory.
 */
static int create_in_proc(struct worker *w, int dir, const char *name,
			  const struct open_how *how, bool follows)
{
	struct open_how here = *how;
	struct object object;
	struct stat st;
	int rc = how->flags & O_EXCL || strchr(name, '/') ? -ENOENT
		 : resolve_object(w, dir, name, follows, how->resolve, &object);

	/* the kernel says why not, and opens nothing */
	here.flags |= O_EXCL | O_CLOEXEC | O_NOCTTY;
	if (rc == -ENOENT)
		return create_here(w, dir, name, &here, false);
	if (rc < 0)
		return rc;
	rc = resolve_place(w, 0, object.fd, NULL);
	if (rc == 0)
		rc = fstat(object.fd, &st) == 0 && S_ISDIR(st.st_mode) ? -EISDIR
		     : reopen(w, object.fd, how->flags & ~(uint64_t)(O_CREAT | O_EXCL), 0);
	close(object.fd);
	return rc;
}

/*
 * O_CREAT: the last name is opened or made where it is and not followed. If it is a
 * link, the next round starts from its directory.
 */
static int create(struct worker *w, int base, const struct open_how *how)
{
	struct open_how here = *how;
	bool follows = !(how->flags & (O_NOFOLLOW | O_EXCL)) &&
		       !(how->resolve & RESOLVE_NO_SYMLINKS);
	char path[PATH_MAX];
	AUTO_FD from = -1;

	here.flags |= O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;
	here.resolve |= RESOLVE_NO_SYMLINKS;
	memcpy(path, w->job->path[0], sizeof path);
	for (int n = 0; n < LINKS_MAX; n++) {
		struct entry entry;
		int rc = resolve_entry(w, from >= 0 ? from : base, path, how->resolve,
				       &entry);
		if (rc < 0)
			return rc;
		fd_close(&from);
		from = entry.dir;
		if (resolve_is_proc(from))
			return create_in_proc(w, from, entry.name, how, follows);
		rc = create_here(w, from, entry.name, &here, follows);
		if (rc != -ELOOP || !follows)
			return rc;
		AUTO_FD link = resolve_look(from, entry.name, false, 0);
		rc = link < 0 ? link : walk_read_link(from, link, path);
		if (rc < 0)
			return rc;
	}
	return -ELOOP;
}

/* The kernel's own walk, for rules that only it can keep. */
static int create_by_rules(struct worker *w, int base, const struct open_how *how)
{
	struct open_how safe = *how;

	/* it is not known before where the kernel's walk leads */
	if (w->job->has_real[0] || w->job->wants_real)
		return job_refuse(w->job, EOPNOTSUPP, "the real path of what such rules make");
	safe.flags |= O_CLOEXEC | O_NOCTTY;
	safe.resolve |= RESOLVE_NO_MAGICLINKS;
	int fd = kernel_openat2(base, w->job->path[0], &safe);
	if (fd < 0 || !resolve_is_proc(fd))
		return fd;
	close(fd);
	return job_refuse(w->job, EOPNOTSUPP,
			  "RESOLVE_BENEATH, _IN_ROOT or _NO_XDEV into /proc");
}

/* An unnamed file in a directory. */
static int make_unnamed(struct worker *w, int base, const struct open_how *how)
{
	struct object dir;
	int rc = resolve_object(w, base, w->job->path[0], true, how->resolve, &dir);

	if (rc < 0)
		return rc;
	rc = resolve_place(w, 0, dir.fd, NULL);
	if (rc == 0)
		rc = open_plainly(dir.fd, ".", how->flags, how->mode);
	close(dir.fd);
	return rc;
}

static struct open_how how_of(const struct job *job)
{
	if (job->has_input)
		return job->input.how;
	return (struct open_how){
		.flags = (uint32_t)job->arg[0] & ~(uint32_t)O_CLOEXEC,
		/* open(2): without one of these the mode means nothing */
		.mode = job->arg[0] & (O_CREAT | KINDS_OF_TMPFILE) ? job->arg[1] & 07777 : 0,
	};
}

int64_t job_open(struct worker *w)
{
	struct job *job = w->job;
	struct open_how how = how_of(job);

	job->fd_flags = (job->has_input ? how.flags : job->arg[0]) & O_CLOEXEC;
	if (how.flags & ~(uint64_t)ALWAYS_VALID || job->has_input) {
		int rc = check_flags(job, &how);
		if (rc < 0)
			return rc;
	}
	if (!job->path[0][0])
		return -ENOENT;
	bool makes = how.flags & (O_CREAT | KINDS_OF_TMPFILE) && !(how.flags & O_PATH);
	if (w->must_not_wait && (makes || how.flags & O_TRUNC))
		return -EAGAIN;
	AUTO_FD base = resolve_base(w, 0);
	if (base < 0 && base != AT_FDCWD)
		return base;
	if (!makes)
		return open_existing(w, base, job->path[0], &how);
	if ((how.flags & O_TMPFILE) == O_TMPFILE)
		return make_unnamed(w, base, &how);
	if (how.resolve & WHOLE_WALK)
		return create_by_rules(w, base, &how);
	return create(w, base, &how);
}
