/* Where the descriptors 0, 1 and 2 of the program lead, and what was captured. */
#include "streams.h"

#include "dispatch.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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

static bool end(struct demi_run *run, enum demi_limit over)
{
	pthread_mutex_lock(&run->lock);
	if (!run->cause) {
		run->result.limit = over;
		dispatch_end(run, over ? DEMI_REASON_LIMIT : DEMI_REASON_KILLED);
	}
	pthread_mutex_unlock(&run->lock);
	return false;
}

bool streams_collect(struct demi_run *run, int fd)
{
	struct output *output = &run->output[fd];

	if (output->room - output->len < 4096) {
		size_t room = output->room ? 2 * output->room : 16384;
		char *bytes = realloc(output->bytes, room);
		if (!bytes)
			return end(run, DEMI_LIMIT_NONE);
		output->bytes = bytes;
		output->room = room;
	}
	ssize_t n = read(output->fd, output->bytes + output->len,
			 output->room - output->len);
	if (n > 0)
		output->len += (size_t)n;
	if (run->output[1].len + run->output[2].len > run->sb->output_limit)
		return end(run, DEMI_LIMIT_OUTPUT);
	return n > 0 || (n < 0 && errno == EINTR);
}

void streams_finish(struct demi_run *run)
{
	for (int fd = 1; fd <= 2; fd++) {
		struct output *output = &run->output[fd];
		struct pollfd waiting = { .fd = output->fd, .events = POLLIN };
		while (output->fd >= 0 && poll(&waiting, 1, 0) == 1 && streams_collect(run, fd))
			;
		fd_close(&output->fd);
	}
}

const char *demi_run_output(struct demi_run *run, int fd, size_t *len)
{
	const struct output *output = &run->output[fd == 1 ? 1 : 2];

	*len = output->len;
	return output->bytes;
}
