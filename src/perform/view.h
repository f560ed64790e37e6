/* Who a thread is, and how to become that. */
#ifndef DEMI_PERFORM_VIEW_H
#define DEMI_PERFORM_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define VIEW_GROUPS 256

/* What a thread may do besides, capget(2). */
struct capabilities {
	uint64_t inheritable, permitted, effective;
};

/* All that decides what a path means to a thread and what it may do there. */
struct view {
	uint32_t uid[4], gid[4];	/* real, effective, saved, file system */
	uint32_t n_groups;
	uint32_t groups[VIEW_GROUPS];
	struct capabilities capabilities;
	uint64_t spaces[5];		/* namespaces: user, mount, network, uts, pid */
	uint64_t root_device, root_inode, root_mount;
};

/*
 * view_read - the view of a thread, as the calling process sees it
 *
 * tid    as proc shows it, or 0 for the calling thread
 * umask  set to the thread's
 *
 * For the server: what a Landlock domain confines may not read proc's files.
 *
 * Returns 0 or -errno: the thread is gone, or cannot be looked into.
 */
int view_read(int proc, pid_t tid, struct view *out, mode_t *umask);

/* Its two parts: credentials, which all may read; namespaces and root, which few may. */
int view_read_ids(int proc, pid_t tid, struct view *out, mode_t *umask);
int view_read_places(int proc, pid_t tid, struct view *out);

/* One read: umask alone. */
int view_read_umask(int proc, pid_t tid, mode_t *umask);

/* The process that a thread belongs to, as proc shows it; 0: it is gone. */
pid_t view_process(int proc, pid_t tid);

bool view_is_same(const struct view *a, const struct view *b);

/* The same, whatever capabilities they have. */
bool view_is_same_place(const struct view *a, const struct view *b);

/*
 * view_lower - lets the calling thread have no effective capabilities but these
 *
 * Returns 0 with what it had in *before, for view_raise(); -EPERM if it may not have
 * these. The bounding and the permitted set stay, so the way back is open.
 */
int view_lower(uint64_t effective, struct capabilities *before);
int view_raise(const struct capabilities *before);

/*
 * view_take_on - become what a thread is; there is no way back
 *
 * ours  of this process, which must have just one thread
 *
 * Returns 0, or -errno: then this process is nothing that may be used.
 */
int view_take_on(int proc, pid_t tid, const struct view *ours, const struct view *theirs);

#endif
