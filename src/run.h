/*
 * One run, as its two threads share it. The *server* is the thread that is inside
 * demi_run_wait() or demi_run_step(): it asks the handlers. The *sentry* is ours:
 * it never asks a handler, so it is never held up, and does all that must go on
 * while a handler runs.
 *
 * Everything below "shared" is touched under the lock only.
 */
#ifndef DEMI_RUN_H
#define DEMI_RUN_H

#include "call.h"
#include "followed.h"
#include "peers.h"
#include "sandbox.h"
#include "warden.h"

#include <pthread.h>

/* Who may receive from the listener: two at a time would lose calls. */
enum receiver {
	RECEIVER_NOBODY = 0,
	RECEIVER_SERVER,
	RECEIVER_SENTRY,
};

struct complaint {
	struct demi_error shown;
	char *message, *traceback;	/* owned; NULL if memory was short */
};

struct output {
	int fd;				/* our end of the pipe, or -1 */
	char *bytes;
	size_t len, room;
};

struct demi_run {
	struct demi_sandbox *sb;
	struct warden warden;
	struct cgroup groups[CGROUPS];
	struct perform *perform;	/* NULL: no handler could ask for it */
	pid_t program;
	int program_pidfd;
	unsigned int missing;		/* bit p: runs without DEMI_PROTECTION p */
	bool has_own_group;		/* of the program: no terminal signals it */
	struct explain *explain;	/* or NULL */
	struct peers peers;		/* whom it may reach */
	int listener;			/* -1: no call has a handler */
	int stdio[3];			/* our ends of DEMI_STDIO_PIPE */
	int ready;			/* an eventfd for the server */
	int wake;			/* an eventfd for the sentry */
	int awaited;			/* an epoll(7) of what held calls wait for, or -1 */
	int signals;			/* a signalfd, or -1 */
	sigset_t mask;			/* of the server before the run */
	pthread_t sentry;
	bool has_sentry;
	bool is_deserted;		/* the server saw the listener's end */
	uint64_t *unsafe;		/* by handler: continues after it read memory */
	uint64_t deadline_ms;		/* of the time limit, or 0 */
	uint64_t next_look_ms;		/* at what the run uses up; the sentry's */
	_Atomic bool is_late;		/* the running handler is out of time */

	pthread_mutex_t lock;
	pthread_cond_t receiver_left;
	/* shared */
	enum receiver receiver;
	bool is_polled;			/* the sentry receives for demi_run_step() */
	bool server_wants;		/* to receive */
	bool sentry_sleeps;
	struct call *current;		/* whose handler runs */
	uint64_t asked;			/* counts handlers, so that a new one is seen */
	struct call *queue, **queue_end, *held;
	unsigned int n_held;
	unsigned int n_waiting;		/* of them, those that are asked again */
	enum demi_reason cause;		/* why we ended it, or 0 */
	bool is_over;
	struct demi_result result;
	struct output output[3];
	struct follower follower;
	struct complaint *complaints;
	size_t n_complaints, n_shown;
};

/* What a handler holds while it runs. */
struct demi_mem {
	struct demi_run *run;
	struct call *call;
	char *message, *traceback;	/* of demi_mem_fail() */
};

#endif
