/* What /proc tells of a thread. Its memory is tracee.h's matter. */
#ifndef DEMI_PROCFS_H
#define DEMI_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * A thread may be gone and its number someone else's: the caller asks afterwards
 * whether the call still waits.
 */

/*
 * procfs_link - where "cwd", "exe" or "fd/N" of a thread leads
 *
 * is_deleted  the kernel's " (deleted)" was taken off: no name leads there
 *
 * Returns the length, -ENAMETOOLONG, or -errno of readlink(2).
 */
ssize_t procfs_link(pid_t tid, const char *name, char *dst, size_t cap, bool *is_deleted);

/* true if "fd/N" of a thread is a directory */
bool procfs_is_directory(pid_t tid, const char *name);

/* The bytes of a small file of /proc/TID, as "comm"; without a newline at its end. */
ssize_t procfs_read(pid_t tid, const char *name, char *dst, size_t cap);

/* The thread's process and that one's parent, as /proc/TID/status says. */
int procfs_ids(pid_t tid, pid_t *tgid, pid_t *ppid);

#endif
