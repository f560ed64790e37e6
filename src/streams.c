/* Where the descriptors 0, 1 and 2 of the program lead, and what was captured. */
#include "streams.h"

#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int make_pipe(struct demi_run *run, int fd, int *theirs)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	int ours = ends[fd == 0];
	if (run->sb->stdio[fd] == DEMI_STDIO_CAPTURE)
		run->output[fd].fd = ours;
	else
		run->stdio[fd] = ours;
	*theirs = fd_above_stdio(ends[fd != 0]);
	return *theirs < 0 ? *theirs : 0;
}

int streams_make(struct demi_run *run, int theirs[3])
{
	for (int fd = 0; fd < 3; fd++) {
		int rc = 0;
		switch (run->sb->stdio[fd]) {
		case DEMI_STDIO_INHERIT:
			break;
		case DEMI_STDIO_NULL:
			theirs[fd] = fd_above_stdio(open("/dev/null", O_RDWR | O_CLOEXEC));
			rc = theirs[fd] < 0 ? -errno : 0;
			break;
		case DEMI_STDIO_PIPE:
		case DEMI_STDIO_CAPTURE:
			rc = make_pipe(run, fd, &theirs[fd]);
			break;
		}
		if (rc < 0)
			return fail(&run->sb->why, rc, "descriptor %d", fd);
	}
	return 0;
}

int demi_run_stdio(struct demi_run *run, int fd)
{
	int ours = 0 <= fd && fd <= 2 ? fd_take(&run->stdio[fd]) : -1;

	return ours < 0 ? -EBADF : ours;
}

const char *demi_run_output(struct demi_run *run, int fd, size_t *len)
{
	const struct output *output = &run->output[fd == 1 ? 1 : 2];

	*len = output->len;
	return output->bytes;
}
