/* The mounts of this process, proc_pid_mountinfo(5). */
#ifndef DEMI_MOUNTS_H
#define DEMI_MOUNTS_H

/*
 * mounts_each_alias - other names that a file has because its filesystem, or a part
 * of it, is mounted in a second place
 *
 * fd    of the file, O_PATH suffices
 * text  its absolute path
 * fn    is told a path that may be of the same file, or be inside it if it is a
 *       directory; nonzero ends the walk and is returned
 *
 * Returns 0, what fn returned, or -errno.
 * Kernel: statx(2) with STATX_MNT_ID, Linux 5.8
 */
int mounts_each_alias(int fd, const char *text, int (*fn)(void *ud, const char *path),
		      void *ud);

#endif
