/* Ownership in declarations: what is declared here is released on every return. */
#ifndef DEMI_UTIL_H
#define DEMI_UTIL_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO_FD __attribute__((cleanup(fd_close))) int
#define AUTO_FREE __attribute__((cleanup(free_pointer)))

/* close a descriptor once; -1 is fine */
static inline void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* the place where ownership leaves */
static inline int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/*
 * Moves fd away from 0, 1 and 2, where a host that runs with one of them closed
 * gets it, and where the child would put something over it. -errno closes fd.
 */
static inline int fd_above_stdio(int fd)
{
	if (fd < 0 || fd > 2)
		return fd;
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	int rc = moved < 0 ? -errno : moved;
	close(fd);
	return rc;
}

static inline void free_pointer(void *p)
{
	free(*(void **)p);
}

#endif
