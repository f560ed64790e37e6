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
#include "explain/explain.h"
#include "kernel.h"
#include "notify.h"
#include "perform/perform.h"

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
	bool is_settled = explain_settle(run, &call->notif);
	pthread_mutex_lock(&run->lock);
	run->result.calls++;
	if (is_settled) {
		pthread_mutex_unlock(&run->lock);
		free(call);
		return 0;
	}
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
	call_free(call);
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

/* Returns the listener's poll(2) events, or -errno; what woke us otherwise is drained. */
static int await(struct demi_run *run, int listener, int timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = run->ready, .events = POLLIN },
		{ .fd = listener, .events = POLLIN },
	};

	if (poll(fds, 2, timeout_ms) < 0)
		return -errno;
	if (fds[0].revents)
		drain(run->ready);
	return fds[1].revents;
}

/* The next call, as the receiver. -EAGAIN: something else has to be looked at first. */
static int receive(struct demi_run *run, bool polls_first, struct demi_notif *out)
{
	if (!polls_first)
		return notify_recv(run->listener, out);
	int events = await(run, run->listener, -1);
	if (events < 0)
		return events;
	if (events & POLLIN)
		return notify_recv(run->listener, out);
	/* before Linux 6.11 a receive would not end when the last task is gone */
	return events & POLLHUP ? -ENOENT : -EAGAIN;
}

/* Waits for one call, as the receiver. 0: served, or gone; -EINTR. */
static int serve_next(struct demi_run *run, bool polls_first)
{
	struct call call = { .wake_fd = -1 };
	int rc = receive(run, polls_first, &call.notif);

	leave_listener(run, rc == 0);
	perform_reap(run);	/* before a new call takes one more performer */
	if (rc == 0 && !explain_settle(run, &call.notif))
		dispatch(run, &call);
	else if (rc == -ENOENT)
		run->is_deserted = notify_is_deserted(run->listener);
	call_drop(&call);
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
		perform_reap(run);
		if (serve_queued(run))
			continue;
		if (run->listener < 0 || run->is_deserted) {
			rc = await(run, -1, -1);
			rc = rc < 0 ? rc : 0;
		} else if (claim_listener(run, &waits)) {
			rc = serve_next(run, is_old || waits || perform_is_busy(run));
		}
	}
	return rc;
}

int demi_run_step(struct demi_run *run)
{
	let_sentry_receive(run, true);
	drain(run->ready);
	perform_reap(run);
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
