/* What every attack prints: one line per try, "NAME: got" or "NAME: EACCES". */
#ifndef ATTACK_H
#define ATTACK_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void tell(const char *name, long result)
{
	printf("%s: %s\n", name, result < 0 ? strerrorname_np(errno) : "got");
	fflush(stdout);
}

/* "dir/name"; stays valid */
static inline char *join(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		abort();
	return path;
}

/* Opens, reads a byte, closes. */
static inline long read_at(int dir, const char *path)
{
	char byte;
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, &byte, 1);
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return n;
}

/* In a child; 0 if it could be executed. */
static inline long execute(const char *path)
{
	char *const argv[] = { (char *)path, NULL };
	int status;
	pid_t child = fork();

	if (child == 0) {
		execv(path, argv);
		_exit(errno);
	}
	waitpid(child, &status, 0);
	errno = WEXITSTATUS(status);
	return errno ? -1 : 0;
}

#endif
