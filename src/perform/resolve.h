/* Paths as the calling thread means them. */
#ifndef DEMI_PERFORM_RESOLVE_H
#define DEMI_PERFORM_RESOLVE_H

#include "worker.h"

/* Where a path leads. */
struct object {
	int fd;			/* O_PATH; the caller's */
	char self_text[32];	/* what readlink(2) of /proc/self must say, or "" */
};

/* The place where a name is, or is to be made. */
struct entry {
	int dir;		/* O_PATH; the caller's */
	char name[PATH_MAX];	/* with the slashes that may follow it */
};

/*
 * resolve_base - the directory that a relative path starts from
 *
 * which  0 or 1: the job's path
 *
 * Returns an O_PATH descriptor that the caller owns, AT_FDCWD for an absolute path,
 * or -errno.
 */
int resolve_base(struct worker *w, int which);

/*
 * resolve_object - what a path leads to
 *
 * base     of resolve_base(), or any directory
 * follows  whether the last name may be a link
 * rules    RESOLVE_* of openat2(2) that the program asked for
 *
 * Returns 0 or -errno, with out->fd -1.
 */
int resolve_object(struct worker *w, int base, const char *path, bool follows,
		   uint64_t rules, struct object *out);

/* The job's path as an object. An empty path is its directory if allows_empty. */
int resolve_job(struct worker *w, int which, bool follows, bool allows_empty,
		struct object *out);

/* resolve_entry - the directory and the last name of a path; the name is not looked at */
int resolve_entry(struct worker *w, int base, const char *path, uint64_t rules,
		  struct entry *out);

/* The job's path as an entry. */
int resolve_job_entry(struct worker *w, int which, struct entry *out);

/*
 * resolve_place - where one of the job's paths leads to: fd itself, or name in it
 *
 * Called just before something is done there. If somebody decided on that place,
 * it must be the same; if only the place is wanted, it is noted.
 *
 * Returns 0, -ESTALE: it leads elsewhere by now, or -ECANCELED: nothing is to be done.
 */
int resolve_place(struct worker *w, int which, int fd, const char *name);

/* An O_PATH descriptor of what the kernel's own walk leads to, under rules. */
int resolve_look(int dir, const char *path, bool follows, uint64_t rules);

/* walk.c: the same as resolve_object(), name by name */
int walk_by_name(struct worker *w, int base, const char *path, bool follows,
		 uint64_t rules, struct object *out);

/*
 * resolve_reopen - opens what an O_PATH descriptor stands for, as the caller would
 *
 * A file of /proc is opened by another process: about ourselves we may see everything.
 * Returns a close-on-exec descriptor or -errno.
 */
int resolve_reopen(struct worker *w, int fd, uint64_t flags, uint64_t mode);

/* walk.c: the text of a link in a directory, or -EACCES: it is not followed for us there */
int walk_read_link(int dir, int link, char text[PATH_MAX]);

/* whether fd is on a procfs, whose files depend on who opens them */
bool resolve_is_proc(int fd);

/* whether fd is on a file system that answers without asking another process or machine */
bool resolve_is_local(int fd);

/* The name of fd in w->own_fds, where the kernel opens what it stands for. */
struct fd_name {
	char text[12];
};
struct fd_name resolve_name(int fd);

#endif
