/*
 * The server's loop. While it waits for ever it sits in SECCOMP_IOCTL_NOTIF_RECV
 * itself, which is the fastest there is: the program's thread and this one hand one
 * CPU to and fro. When a handler takes long, or the host has an event loop of its
 * own, the sentry receives and the calls come through the queue: a call that waits
 * in the kernel's queue can be broken off by a signal, seccomp_unotify(2).
 */
#include "supervisor.h"

#include "complain.h"
#include "dispatch.h"
#include "kernel.h"
#include "notify.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

static void drain(int eventfd)
{
	eventfd_t count;

	(void)eventfd_read(eventfd, &count);
}

/* The caller holds the lock. */
static struct call *dequeue(struct demi_run *run)
{
	struct call *call = run->queue;

	if (call) {
		run->queue = call->sibling;
		if (!run->queue)
			run->queue_end = &run->queue;
	}
	return call;
}

int supervisor_enqueue(struct demi_run *run)
{
	struct call *call = calloc(1, sizeof *call);
	if (call)
		call->wake_fd = -1;
	int rc = call ? notify_recv(run->listener, &call->notif) : -ENOMEM;

	if (rc < 0) {
		free(call);
		return rc;
	}
	call->since_ms = kernel_now_ms();
	pthread_mutex_lock(&run->lock);
	run->result.calls++;
	*run->queue_end = call;
	run->queue_end = &call->sibling;
	pthread_mutex_unlock(&run->lock);
	eventfd_write(run->ready, 1);
	return 0;
}

/* Dispatches one queued call, if there is one. */
static bool serve_queued(struct demi_run *run)
{
	pthread_mutex_lock(&run->lock);
	struct call *call = dequeue(run);
	pthread_mutex_unlock(&run->lock);
	if (!call)
		return false;
	dispatch(run, call);
	free(call);
	return true;
}

static bool is_over(struct demi_run *run)
{
	pthread_mutex_lock(&run->lock);
	bool over = run->is_over;
	pthread_mutex_unlock(&run->lock);
	return over;
}

/*
 * Become the receiver. The sentry lets go as soon as it is told: it polls the
 * listener and our wake-up together. Returns false if calls are queued: first those.
 * *waits says whether more may be queued while we receive: the sentry queues calls
 * whose handlers wait, but only this thread makes a handler wait.
 */
static bool claim_listener(struct demi_run *run, bool *waits)
{
	pthread_mutex_lock(&run->lock);
	while (run->receiver == RECEIVER_SENTRY) {
		run->server_wants = true;
		eventfd_write(run->wake, 1);
		pthread_cond_wait(&run->receiver_left, &run->lock);
	}
	run->server_wants = false;
	bool is_clear = !run->queue;
	if (is_clear)
		run->receiver = RECEIVER_SERVER;
	*waits = run->n_waiting;
	pthread_mutex_unlock(&run->lock);
	return is_clear;
}

static void leave_listener(struct demi_run *run, bool has_call)
{
	pthread_mutex_lock(&run->lock);
	run->receiver = RECEIVER_NOBODY;
	if (has_call)
		run->result.calls++;
	pthread_mutex_unlock(&run->lock);
}

static int await(struct demi_run *run, int listener, int timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = run->ready, .events = POLLIN },
		{ .fd = listener, .events = POLLIN },
	};

	return poll(fds, 2, timeout_ms) < 0 ? -errno : 0;
}

/* Waits for one call, as the receiver. 0: served, or gone; -EINTR. */
static int serve_next(struct demi_run *run, bool polls_first)
{
	struct call call = { .wake_fd = -1 };
	int rc = polls_first ? await(run, run->listener, -1) : 0;

	/* it may have been something else that was awaited */
	if (rc == 0 && polls_first && !notify_has_call(run->listener))
		rc = notify_is_deserted(run->listener) ? -ENOENT : -EAGAIN;
	if (rc == 0)
		rc = notify_recv(run->listener, &call.notif);
	leave_listener(run, rc == 0);
	if (polls_first)
		drain(run->ready);
	if (rc == 0)
		dispatch(run, &call);
	else if (rc == -ENOENT)
		run->is_deserted = notify_is_deserted(run->listener);
	return rc == -ENOENT || rc == -EAGAIN ? 0 : rc;
}

static void let_sentry_receive(struct demi_run *run, bool yes)
{
	pthread_mutex_lock(&run->lock);
	if (run->is_polled != yes) {
		run->is_polled = yes;
		eventfd_write(run->wake, 1);
	}
	pthread_mutex_unlock(&run->lock);
}

static int serve_until_over(struct demi_run *run)
{
	/* there a receive does not end when the last task with the filter is gone */
	bool is_old = !kernel_is_at_least(6, 11), waits;
	int rc = 0;

	let_sentry_receive(run, false);
	while (rc == 0 && !is_over(run)) {
		complain_aloud(run);
		if (serve_queued(run))
			continue;
		if (run->listener < 0 || run->is_deserted) {
			rc = await(run, -1, -1);
			drain(run->ready);
		} else if (claim_listener(run, &waits)) {
			rc = serve_next(run, is_old || waits);
		}
	}
	return rc;
}

int demi_run_step(struct demi_run *run)
{
	let_sentry_receive(run, true);
	drain(run->ready);
	while (serve_queued(run))
		;
	complain_aloud(run);
	/* the end must be seen by the next poll, too */
	bool over = is_over(run);
	if (over)
		eventfd_write(run->ready, 1);
	return !over;
}

int demi_run_wait(struct demi_run *run, int timeout_ms)
{
	uint64_t end = kernel_now_ms() + (uint64_t)timeout_ms;
	int rc = 0;

	if (timeout_ms < 0) {
		rc = serve_until_over(run);
		complain_aloud(run);
		return rc;
	}
	while (demi_run_step(run)) {
		uint64_t now = kernel_now_ms();
		if (now >= end)
			return 1;
		rc = await(run, -1, (int)(end - now));
		if (rc < 0)
			return rc;
	}
	return 0;
}

int demi_run_pollfd(struct demi_run *run)
{
	let_sentry_receive(run, true);
	return run->ready;
}
