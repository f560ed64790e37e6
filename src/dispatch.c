/* The chain of handlers and the exception policy, on the server's thread. */
#include "dispatch.h"

#include "answer.h"
#include "complain.h"
#include "condition.h"
#include "hold.h"
#include "kernel.h"
#include "notify.h"
#include "perform/perform.h"
#include "util.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

static const char *const policy_names[] = {
	[DEMI_EXCEPTION_KILL] = "kill",
	[DEMI_EXCEPTION_DENY_EPERM] = "deny_eperm",
	[DEMI_EXCEPTION_CONTINUE] = "continue",
	[DEMI_EXCEPTION_DENY_EIO] = "deny_eio",
};

void dispatch_end(struct demi_run *run, enum demi_reason cause)
{
	if (!run->cause)
		run->cause = cause;
	warden_end(&run->warden);
}

/* The caller holds the lock. Returns false if the policy is to ask the next. */
static bool apply_policy(struct demi_run *run, const struct call *call,
			 enum demi_exception policy)
{
	switch (policy) {
	case DEMI_EXCEPTION_CONTINUE:
		return false;
	case DEMI_EXCEPTION_DENY_EPERM:
		notify_error(run->listener, call->notif.id, EPERM);
		return true;
	case DEMI_EXCEPTION_DENY_EIO:
		notify_error(run->listener, call->notif.id, EIO);
		return true;
	case DEMI_EXCEPTION_KILL:
		break;
	}
	/* Without an answer the call never returns: nothing after it runs. */
	dispatch_end(run, DEMI_REASON_KILLED);
	return true;
}

/*
 * The filter asks for all handlers of a call when one of them wants it. What it looked
 * at cannot have changed since: the registers, not memory.
 */
static bool wants(const struct link *link, const struct call *call)
{
	const struct demi_handler *handler = link->handler;

	return demi_conditions_hold(handler->when, handler->n_when, call->notif.args);
}

/* Whose policy decides for the rest of the chain: NULL, if all of it lets the call go on. */
static const struct demi_handler *decider(const struct chain *chain, const struct link *link,
					  const struct call *call)
{
	for (; link < chain->links + chain->n; link++)
		if (!link->is_watcher && wants(link, call) &&
		    link->handler->on_exception != DEMI_EXCEPTION_CONTINUE)
			return link->handler;
	return NULL;
}

void dispatch_by_policy(struct demi_run *run, struct call *call, const char *message)
{
	const struct chain *chain = &run->sb->chains[call->notif.syscall_nr];
	const struct link *link = call->asked ? call->asked : chain->links;
	char *text = NULL;

	while (!wants(link, call) && link + 1 < chain->links + chain->n)
		link++;
	const char *name = link->handler->name;
	const struct demi_handler *who = decider(chain, link, call);
	enum demi_exception policy = who ? who->on_exception : DEMI_EXCEPTION_CONTINUE;

	if (asprintf(&text, "%s: %s", name ? name : "a handler", message) < 0)
		text = NULL;
	complain(run, call, policy_names[policy], text, NULL);
	if (!apply_policy(run, call, policy))
		/* CONTINUE: every policy of the chain says so */
		notify_continue(run->listener, call->notif.id);
}

/* From here on the sentry counts the time of a call. The caller holds the lock. */
static void start_clock(struct demi_run *run, struct call *call)
{
	run->current = call;
	run->asked++;
	run->is_late = false;
	if (run->sentry_sleeps)
		eventfd_write(run->wake, 1);
}

/* false: the run is ending, or the sentry was quicker */
static bool begin(struct demi_run *run, struct call *call, const struct link *link)
{
	pthread_mutex_lock(&run->lock);
	bool may_ask = !run->cause && !call->is_answered;
	if (may_ask) {
		call->asked = link;
		start_clock(run, call);
	}
	pthread_mutex_unlock(&run->lock);
	return may_ask;
}

/*
 * A handler failed: its policy becomes the action. UNSET then means that the run
 * was ended and nothing is to be answered.
 */
static void give_in(struct demi_run *run, struct demi_mem *mem, struct demi_action *act)
{
	const struct link *link = mem->call->asked;
	enum demi_exception policy = link->handler->on_exception;
	const char *outcome = link->is_watcher ? "ignored" : policy_names[policy];

	demi_action_drop(act);
	pthread_mutex_lock(&run->lock);
	complain(run, mem->call, outcome, mem->message, mem->traceback);
	mem->message = mem->traceback = NULL;
	if (policy == DEMI_EXCEPTION_KILL && !link->is_watcher && !mem->call->is_answered)
		dispatch_end(run, DEMI_REASON_KILLED);
	pthread_mutex_unlock(&run->lock);
	if (link->is_watcher || policy == DEMI_EXCEPTION_CONTINUE)
		demi_action_set_continue(act);
	else if (policy != DEMI_EXCEPTION_KILL)
		demi_action_set_errno(act, policy == DEMI_EXCEPTION_DENY_EIO ? EIO : EPERM);
}

/* A watcher cannot decide, but it can be asked again later. */
static bool waits(const struct demi_action *act)
{
	return act->kind == DEMI_ACTION_HOLD && (act->fd >= 0 || act->wait_ms >= 0);
}

static int check_performable(struct demi_mem *mem)
{
	int nr = mem->call->notif.syscall_nr;
	char text[96];

	if (demi_syscall_performable(nr))
		return 0;
	snprintf(text, sizeof text, "perform() does not know the call %s",
		 demi_syscall_name(nr));
	return demi_mem_fail(mem, -EINVAL, text, NULL);
}

static void ask(struct demi_run *run, struct call *call, struct demi_action *act)
{
	const struct link *link = call->asked;
	struct demi_mem mem = { .run = run, .call = call };
	int rc = link->handler->fn(link->handler->ud, &call->notif, &mem, act);

	if (rc == 0 && act->kind == DEMI_ACTION_PERFORM)
		rc = check_performable(&mem);
	if (rc < 0 || (act->kind == DEMI_ACTION_UNSET && !link->is_watcher))
		give_in(run, &mem, act);
	else if (link->is_watcher && !waits(act))
		demi_action_set_continue(act);
	free(mem.message);
	free(mem.traceback);
}

static void hold(struct demi_run *run, struct call *call, struct demi_action *act)
{
	pthread_mutex_lock(&run->lock);
	if (run->current == call)
		run->current = NULL;
	if (!call->is_answered) {
		int rc = hold_add(run, call, act);
		if (rc < 0)
			notify_error(run->listener, call->notif.id, -rc);
		else if (run->sentry_sleeps)	/* it has to count the time */
			eventfd_write(run->wake, 1);
	}
	pthread_mutex_unlock(&run->lock);
}

bool dispatch_touch(struct demi_run *run, struct call *call)
{
	pthread_mutex_lock(&run->lock);
	bool may_touch = !run->cause && !call->is_answered;
	/* a handler that releases another call is on the clock itself */
	if (may_touch && !run->current) {
		start_clock(run, call);
	}
	pthread_mutex_unlock(&run->lock);
	return may_touch;
}

bool dispatch_claim(struct demi_run *run, struct call *call)
{
	pthread_mutex_lock(&run->lock);
	bool is_ours = !call->is_answered && !run->cause;
	if (run->current == call)	/* not when a handler releases another call */
		run->current = NULL;
	pthread_mutex_unlock(&run->lock);
	return is_ours;
}

/*
 * Tells the handler what came of the call, which still waits. Returns the errno that
 * it shall fail with, 0 for none, or -1: the run was ended.
 */
static int tell(struct demi_run *run, struct call *call, const struct demi_action *act,
		int64_t result)
{
	struct demi_mem mem = { .run = run, .call = call };
	struct demi_action instead = { .fd = -1 };
	int error = 0;
	int rc = act->kind == DEMI_ACTION_PERFORM
		 ? act->on_performed(act->ud, &mem, result)
		 : act->on_injected(act->ud, &mem, (int)result);

	if (rc < 0) {
		give_in(run, &mem, &instead);
		/* the call was already done: to continue would do it again */
		error = instead.kind == DEMI_ACTION_CONTINUE ? EIO : instead.error;
		if (instead.kind == DEMI_ACTION_UNSET)
			error = -1;
	}
	free(mem.message);
	free(mem.traceback);
	return error;
}

/* An answer that could not be what the handler wanted; NULL: it was. */
static void complain_of_answer(struct demi_run *run, const struct call *call, char *message)
{
	if (!message)
		return;
	pthread_mutex_lock(&run->lock);
	complain(run, call, "deny", message, NULL);
	pthread_mutex_unlock(&run->lock);
}

static void inject_tracked(struct demi_run *run, struct call *call,
			   const struct demi_action *act)
{
	int newfd = notify_add_fd(run->listener, call->notif.id, act->fd, act->fd_flags,
				  false);
	int error = newfd < 0 ? 0 : tell(run, call, act, newfd);

	if (!dispatch_claim(run, call) || error < 0)
		return;
	if (newfd < 0)
		complain_of_answer(run, call,
				   answer_failed_injection(run->listener, call->notif.id, newfd));
	else if (error)
		notify_error(run->listener, call->notif.id, error);
	else
		notify_value(run->listener, call->notif.id, newfd);
}

void dispatch_complain(struct demi_run *run, const struct call *call, const char *message)
{
	complain_of_answer(run, call, strdup(message));
}

void dispatch_performed(struct demi_run *run, struct call *call, struct demi_action *act,
			int64_t result)
{
	int error = result < 0 ? (int)-result : 0, instead = 0;

	if (act->on_performed)
		instead = begin(run, call, call->asked) ? tell(run, call, act, result) : -1;
	if (!dispatch_claim(run, call) || instead < 0)
		return;
	error = instead ? instead : error;
	if (error)
		notify_error(run->listener, call->notif.id, error);
	else
		notify_value(run->listener, call->notif.id, result);
}

/* Decided on memory that the program can still change: seccomp_unotify(2), NOTES. */
static void count_readers(struct demi_run *run, const struct call *call)
{
	struct chain *chain = &run->sb->chains[call->notif.syscall_nr];

	for (size_t i = 0; i < chain->n && i < 64; i++)
		if (call->readers & 1ULL << i)
			run->unsafe[chain->links[i].handler->index]++;
}

/* A handler that returns such an action is told in ask(); this is for a released call. */
static void refuse_released(struct demi_run *run, struct call *call)
{
	pthread_mutex_lock(&run->lock);
	dispatch_by_policy(run, call, "released with perform(), which does not know the call");
	pthread_mutex_unlock(&run->lock);
}

static void settle(struct demi_run *run, struct call *call, struct demi_action *act)
{
	if (act->kind == DEMI_ACTION_HOLD) {
		hold(run, call, act);
	} else if (act->kind == DEMI_ACTION_INJECT_FD_SEND_TRACKED) {
		inject_tracked(run, call, act);
	} else if (act->kind == DEMI_ACTION_PERFORM &&
		   demi_syscall_performable(call->notif.syscall_nr)) {
		perform_start(run, call, act);
	} else if (!dispatch_claim(run, call)) {
		return;
	} else if (act->kind == DEMI_ACTION_PERFORM) {
		refuse_released(run, call);
	} else {
		if (act->kind == DEMI_ACTION_CONTINUE && call->readers)
			count_readers(run, call);
		complain_of_answer(run, call, answer(run, call, act));
	}
}

/* The warden kills the whole run; this is for the case that it is gone. */
static void kill_caller(struct demi_run *run, const struct call *call)
{
	if (notify_check(run->listener, call->notif.id) == 0)
		kill((pid_t)call->notif.pid, SIGKILL);
}

void dispatch(struct demi_run *run, struct call *call)
{
	const struct chain *chain = &run->sb->chains[call->notif.syscall_nr];
	struct demi_action act = { .kind = DEMI_ACTION_CONTINUE, .fd = -1 };

	perform_notice(run, call);
	while (act.kind == DEMI_ACTION_CONTINUE && call->next < chain->n) {
		const struct link *link = &chain->links[call->next++];
		if (!wants(link, call))
			continue;
		if (!begin(run, call, link)) {
			/* no answer: what still calls while the run ends dies waiting */
			kill_caller(run, call);
			act.kind = DEMI_ACTION_UNSET;
			break;
		}
		act.kind = DEMI_ACTION_UNSET;
		ask(run, call, &act);
		call->is_ready = false;	/* for the next one nothing is */
	}
	settle(run, call, &act);
	demi_action_drop(&act);
}

/* The caller holds the lock. */
static void enqueue(struct demi_run *run, struct call *call)
{
	*run->queue_end = call;
	run->queue_end = &call->sibling;
	eventfd_write(run->ready, 1);
}

void dispatch_again(struct demi_run *run, struct call *call)
{
	call->next--;
	call->since_ms = kernel_now_ms();
	enqueue(run, call);
}

int demi_run_holds(struct demi_run *run, uint64_t id)
{
	int holds = 0;

	pthread_mutex_lock(&run->lock);
	for (const struct call *call = run->held; call && !holds; call = call->sibling)
		holds = call->notif.id == id;
	pthread_mutex_unlock(&run->lock);
	return holds;
}

int demi_run_release(struct demi_run *run, uint64_t id, struct demi_action *act)
{
	pthread_mutex_lock(&run->lock);
	struct call *call = hold_take(run, id);
	/* the rest of the chain is asked in its turn, not inside this handler */
	if (call && act->kind == DEMI_ACTION_CONTINUE)
		enqueue(run, call);
	pthread_mutex_unlock(&run->lock);
	if (call && act->kind != DEMI_ACTION_CONTINUE) {
		settle(run, call, act);
		call_free(call);
	}
	demi_action_drop(act);
	return call ? 0 : -ENOENT;
}
