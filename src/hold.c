/*
 * The calls that have no answer yet because their handler held them: until somebody
 * releases them, or until a descriptor is ready or a time has come and the handler is
 * asked again.
 */
#include "hold.h"

#include "kernel.h"
#include "util.h"

#include <errno.h>
#include <sys/epoll.h>

/* Returns 0; -EPERM for what cannot be polled. */
static int await_fd(struct demi_run *run, const struct call *call, int events)
{
	/* The id, not the address: an event may come late. EPOLLIN is POLLIN, and so on. */
	struct epoll_event event = { .events = (uint32_t)events, .data.u64 = call->notif.id };

	if (run->awaited < 0)
		run->awaited = epoll_create1(EPOLL_CLOEXEC);
	if (run->awaited < 0 || epoll_ctl(run->awaited, EPOLL_CTL_ADD, call->wake_fd, &event) < 0)
		return -errno;
	return 0;
}

/* To close it is not enough: others share the open file, epoll(7). */
static void forget_fd(struct demi_run *run, struct call *call)
{
	if (call->wake_fd >= 0)
		epoll_ctl(run->awaited, EPOLL_CTL_DEL, call->wake_fd, NULL);
	fd_close(&call->wake_fd);
}

static bool is_waiting(const struct call *call)
{
	return call->wake_fd >= 0 || call->wake_at_ms != HOLD_FOR_EVER;
}

int hold_add(struct demi_run *run, struct call *call, struct demi_action *act)
{
	uint64_t now = kernel_now_ms();
	struct call *copy = run->n_held < run->sb->hold_limit ? call_keep(call) : NULL;

	if (!copy)
		return -EAGAIN;
	copy->is_ready = false;
	copy->wake_fd = fd_take(&act->fd);
	copy->wake_at_ms = act->wait_ms < 0 ? HOLD_FOR_EVER : now + (uint64_t)act->wait_ms;
	if (copy->wake_fd >= 0 && await_fd(run, copy, act->events) < 0) {
		fd_close(&copy->wake_fd);
		copy->wake_at_ms = now;
		copy->is_ready = true;
	}
	if (!copy->held_since_ms) {
		copy->held_since_ms = now;
		run->result.held++;
	}
	copy->sibling = run->held;
	run->held = copy;
	run->n_held++;
	run->n_waiting += is_waiting(copy);
	return 0;
}

static struct call *take(struct demi_run *run, struct call **at)
{
	struct call *call = *at;

	*at = call->sibling;
	call->sibling = NULL;
	run->n_held--;
	run->n_waiting -= is_waiting(call);
	forget_fd(run, call);
	return call;
}

struct call *hold_take(struct demi_run *run, uint64_t id)
{
	struct call **at = &run->held;

	while (*at && (*at)->notif.id != id)
		at = &(*at)->sibling;
	return *at ? take(run, at) : NULL;
}

struct call *hold_take_expired(struct demi_run *run, uint64_t now)
{
	for (struct call **at = &run->held; *at; at = &(*at)->sibling)
		if (kernel_has_passed((*at)->held_since_ms, run->sb->hold_limit_ms, now))
			return take(run, at);
	return NULL;
}

struct call *hold_take_due(struct demi_run *run, uint64_t now, uint64_t *next)
{
	*next = HOLD_FOR_EVER;
	for (struct call **at = &run->held; *at; at = &(*at)->sibling) {
		if ((*at)->wake_at_ms <= now)
			return take(run, at);
		if ((*at)->wake_at_ms < *next)
			*next = (*at)->wake_at_ms;
	}
	return NULL;
}

struct call *hold_take_ready(struct demi_run *run)
{
	struct epoll_event event;

	while (run->awaited >= 0 && epoll_wait(run->awaited, &event, 1, 0) == 1) {
		struct call *call = hold_take(run, event.data.u64);
		if (call) {
			call->is_ready = true;
			return call;
		}
	}
	return NULL;
}

void hold_free(struct demi_run *run)
{
	while (run->held)
		call_free(take(run, &run->held));
	fd_close(&run->awaited);
}
