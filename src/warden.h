/*
 * The process between us and the program. It is the subreaper of all that the
 * program starts, so that nothing can leave the run, and it kills everything when
 * the program has ended, when it is told to, or when we are gone.
 */
#ifndef DEMI_WARDEN_H
#define DEMI_WARDEN_H

#include "child.h"
#include "fail.h"

#include <stdint.h>

enum warden_news {
	WARDEN_STARTED = 1,	/* pid; a listener comes with it if there is a filter */
	WARDEN_EXECUTED,	/* execve(2) is done */
	WARDEN_FAILED,		/* step, error: nothing was executed */
	WARDEN_ENDED,		/* status, as wait(2): nothing of the run is left */
};

struct warden_message {
	uint32_t news;		/* enum warden_news */
	int32_t pid;
	int32_t status;
	int32_t error;
	char step[64];
};

struct warden {
	pid_t pid;
	int pidfd;
	int control;		/* ours of the two ends */
};

/* Forks it; the program starts at once. Returns 0 or -errno. */
int warden_start(const struct child_plan *plan, struct warden *out, struct why *why);

/*
 * warden_receive - the next message
 *
 * listener  set to a descriptor that the caller owns, or -1
 *
 * Returns 0, -EAGAIN (only with MSG_DONTWAIT in flags), or -ECHILD: it is gone.
 */
int warden_receive(const struct warden *warden, int flags,
		   struct warden_message *out, int *listener);

/* Asks it to kill all; WARDEN_ENDED follows. */
void warden_end(const struct warden *warden);

/* Waits for its own end. */
void warden_close(struct warden *warden);

#endif
