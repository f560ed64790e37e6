/*
 * Namespaces of a run, namespaces(7). The warden enters those that count for its
 * children, the program makes the others for itself and arranges them: all of it
 * between fork and execve(2), so async-signal-safe.
 */
#ifndef DEMI_NAMESPACE_H
#define DEMI_NAMESPACE_H

#include "fail.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What stays as it is where the rest is read-only, or covered by something private. */
struct bind {
	const char *path;	/* absolute, no symbolic link in it */
	bool is_writable, is_dir;
	int tree;		/* a copy of the mount, open_tree(2), or -1 */
};

struct namespaces {
	bool user, pid, net, ipc, uts, mount;
	bool is_root;		/* uid 0 and gid 0 in it */
	char uid_map[32], gid_map[32];
	pid_t init;		/* process 1 of the PID namespace, once it is entered */
	struct bind *binds;	/* of mount; outer ones before inner ones */
	size_t n_binds;
};

/* What is new and empty where mounts are isolated. */
#define N_PRIVATE 2
extern const char *const namespaces_private[N_PRIVATE];

/* Is a new filesystem over this path, or over a directory above it? */
bool namespaces_hide(const struct namespaces *ns, const char *path);

/* Does the path mean something new then, not what it meant before? */
bool namespaces_replace(const struct namespaces *ns, const char *path);

/* The ids of this process for the user namespace, if there must be one. */
void namespaces_map(struct namespaces *ns);

/*
 * namespaces_enter - in the warden, before the program is made
 *
 * Returns NULL, or the step that failed, with errno.
 */
const char *namespaces_enter(struct namespaces *ns);

/*
 * namespaces_arrange - in the program, before it is restricted
 *
 * Leaves the working directory at "/" if mounts changed. Returns the same.
 */
const char *namespaces_arrange(struct namespaces *ns);

/*
 * namespaces_try - both of them in children, of which nothing stays
 *
 * Returns 0, or -errno of the step that failed; -EAGAIN: there could be no child.
 */
int namespaces_try(struct namespaces *ns);

#endif
