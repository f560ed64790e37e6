/*
 * Where a path of another process leads: looked up as its kernel would, name by name
 * with O_PATH, from its root and its directory. Nothing is opened on the way.
 */
#ifndef DEMI_EXPLAIN_WALK_H
#define DEMI_EXPLAIN_WALK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Whose permission bits count: fixed for a run that has no capabilities. */
struct walker {
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t n_groups;
};

struct walk {
	int root;			/* of the process */
	int parent;			/* of the last name; -1: there is none */
	int object;			/* what is there; -1: nothing */
	struct stat st;			/* of the object */
	char name[NAME_MAX + 1];	/* the last name; "": the object is no name's */
	bool is_nameless;		/* a pipe, a socket, a memfd: in no file tree */
	bool has_slash;			/* the path ended with "/" */
};

/* What a path means to a call. */
struct walk_how {
	int tid;			/* /proc/TID is asked; in our PID namespace */
	int dirfd;			/* of that thread, or AT_FDCWD */
	bool follows;			/* a symbolic link at the end */
	bool may_be_empty;		/* "" is dirfd itself */
};

#define WALK_NONE { .root = -1, .parent = -1, .object = -1 }

/*
 * walk - look a path up
 *
 * Returns 0, also when only the last name does not exist; else -errno: what the call
 * fails with before any rule about files is asked (ENOENT, ENOTDIR, EACCES of a
 * directory's permission bits), or what we may not see.
 * Owner:  the caller, walk_close(), on failure too; out is WALK_NONE before
 */
int walk(const struct walker *who, const struct walk_how *how, const char *path,
	 struct walk *out);

void walk_close(struct walk *walk);

/* walk_may - do the permission bits grant R_OK | W_OK | X_OK? Access lists are not read. */
bool walk_may(const struct walker *who, const struct stat *st, unsigned int wanted);

/* walk_name - the absolute path of an O_PATH descriptor; 0 or -errno */
int walk_name(int fd, char text[PATH_MAX]);

/*
 * walk_up - replace the descriptor of a directory by that of the one above it
 *
 * Returns 1, 0 if it is the root, or -errno. Mounts are left upwards, as by "..".
 */
int walk_up(int *dir);

#endif
