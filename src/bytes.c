/* An in-memory file that is handed to a program. */
#include "kernel.h"
#include "util.h"

#include <demilune.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

static int write_all(int fd, const char *bytes, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(fd, bytes + done, len - done, (off_t)done);
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

int demi_bytes_fd(const void *bytes, size_t len, int seal)
{
	AUTO_FD fd = kernel_memfd("demilune", MFD_ALLOW_SEALING);
	char path[sizeof "/proc/self/fd/" + 12];

	if (fd < 0)
		return fd;
	int rc = write_all(fd, bytes, len);
	if (rc < 0 || !seal)
		return rc < 0 ? rc : fd_take(&fd);
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return -errno;
	/* a descriptor that cannot write even tells so, in fcntl(F_GETFL) */
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int reader = open(path, O_RDONLY | O_CLOEXEC);
	return reader < 0 ? -errno : reader;
}
