/*
 * The thread that goes on while a handler runs. It asks no handler and reads no
 * memory of the program, so nothing of the program's can hold it up. It
 *   - receives calls while the server cannot,
 *   - decides by the exception policy when a handler, or a hold, is out of time,
 *   - notes when followed processes end, hears the warden, collects output, keeps the
 *     time limit, passes signals on.
 */
#include "sentry.h"

#include "complain.h"
#include "dispatch.h"
#include "hold.h"
#include "kernel.h"
#include "notify.h"
#include "perform/perform.h"
#include "processes.h"
#include "streams.h"
#include "supervisor.h"
#include "usage.h"
#include "util.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* While handlers run it looks every millisecond: so long may a call lie in the
 * kernel's queue. After so many looks at nothing it sleeps. */
#define TICK_MS 1
#define IDLE_TICKS 50
/* A script notices that it is late by itself; C code gets this much longer. */
#define GRACE_MS 250
/* So many ticks may what is left of a run without a warden take to die. */
#define MOURN_LOOKS 1000
/* How long a handler may outlive its run before on_stuck hears of it. */
#define STUCK_MS 1000

struct sentry {
	struct demi_run *run;
	uint64_t asked;		/* the handler that ran at the last look, or 0 */
	uint64_t asked_since_ms;
	unsigned int idle_ticks;
	uint64_t over_since_ms;
	bool is_deserted;
	bool told_stuck;
};

enum { AT_WAKE, AT_WARDEN, AT_LISTENER, AT_SIGNALS, AT_FOLLOWED, AT_AWAITED, AT_OUT, AT_ERR,
       N_FDS };

/* The server runs a handler; the caller holds the lock. */
static bool is_busy(const struct demi_run *run)
{
	return run->current != NULL;
}

static void look_at_handler(struct sentry *s, uint64_t now)
{
	struct demi_run *run = s->run;

	if (!is_busy(run)) {
		s->asked = 0;
		return;
	}
	if (s->asked != run->asked) {
		s->asked = run->asked;
		s->asked_since_ms = now;
		return;
	}
	uint64_t ms = now - s->asked_since_ms;
	if (ms >= run->sb->handler_limit_ms)
		run->is_late = true;
	if (ms >= run->sb->handler_limit_ms + GRACE_MS && !run->current->is_answered) {
		char text[96];
		snprintf(text, sizeof text, "it did not return within %llu ms",
			 (unsigned long long)ms);
		run->current->is_answered = true;
		dispatch_by_policy(run, run->current, text);
	}
}

/* While the server is stuck nobody can be asked. */
static void refuse_queued(struct demi_run *run, uint64_t now)
{
	struct call **at = &run->queue;

	if (!is_busy(run) || !run->current->is_answered)
		return;
	while (*at) {
		struct call *call = *at;
		/* one without handlers has no policy: the engine alone wants to see it */
		if (!kernel_has_passed(call->since_ms, run->sb->handler_limit_ms, now) ||
		    !run->sb->chains[call->notif.syscall_nr].n) {
			at = &call->sibling;
			continue;
		}
		*at = call->sibling;
		dispatch_by_policy(run, call, "it could not be asked: another handler does not return");
		call_free(call);
	}
	run->queue_end = at;
}

static void expire_held(struct demi_run *run, uint64_t now)
{
	struct call *call;

	while ((call = hold_take_expired(run, now))) {
		dispatch_by_policy(run, call, "it held the call for too long");
		call_free(call);
	}
}

/* Queues the calls whose handlers waited for this moment. Returns when the next may be. */
static uint64_t wake_held(struct demi_run *run, uint64_t now)
{
	uint64_t next;
	struct call *call;

	while ((call = hold_take_due(run, now, &next)) || (call = hold_take_ready(run)))
		dispatch_again(run, call);
	return next;
}

/* The caller holds the lock. */
static void stop_receiving(struct demi_run *run)
{
	if (run->receiver != RECEIVER_SENTRY)
		return;
	run->receiver = RECEIVER_NOBODY;
	pthread_cond_signal(&run->receiver_left);
}

/* Who receives next; the caller holds the lock. */
static void choose_receiver(struct sentry *s)
{
	struct demi_run *run = s->run;

	if (run->receiver == RECEIVER_SENTRY) {
		if (run->server_wants && !run->is_polled)
			stop_receiving(run);
	} else if (run->receiver == RECEIVER_NOBODY && run->listener >= 0) {
		/* busy with the same handler as at the last look */
		bool is_slow = is_busy(run) && s->asked == run->asked &&
			       kernel_now_ms() > s->asked_since_ms;
		if (run->is_polled || is_slow)
			run->receiver = RECEIVER_SENTRY;
	}
}

static void check_time_limit(struct demi_run *run, uint64_t now)
{
	if (run->deadline_ms && now >= run->deadline_ms && !run->cause)
		dispatch_end(run, DEMI_REASON_TIMEOUT);
}

static void check_stuck(struct sentry *s, uint64_t now)
{
	struct demi_run *run = s->run;

	if (!run->is_over || !is_busy(run) || s->told_stuck)
		return;
	if (!s->over_since_ms)
		s->over_since_ms = now;
	if (now - s->over_since_ms < STUCK_MS || !run->sb->on_stuck)
		return;
	s->told_stuck = true;
	run->sb->on_stuck(run->sb->on_stuck_ud,
			  "the run is over, but a handler does not return");
}

/*
 * Everything that depends on the clock or on the server. Returns how long the
 * sentry may sleep, -1 for ever, or -2 when it has nothing left to do.
 */
static int look(struct sentry *s)
{
	struct demi_run *run = s->run;
	int sleep_ms = -1;

	usage_look(run);
	uint64_t now = kernel_now_ms();
	pthread_mutex_lock(&run->lock);
	look_at_handler(s, now);
	refuse_queued(run, now);
	expire_held(run, now);
	uint64_t next = wake_held(run, now);
	perform_look(run, now);
	choose_receiver(s);
	check_time_limit(run, now);
	check_stuck(s, now);
	s->idle_ticks = is_busy(run) ? 0 : s->idle_ticks + 1;
	if (s->idle_ticks < IDLE_TICKS)
		sleep_ms = TICK_MS;
	else if (run->held || run->deadline_ms || perform_is_busy(run))
		sleep_ms = next - now < 10 ? (int)(next - now) : 10;
	int usage_ms = usage_wait_ms(run);
	if (usage_ms >= 0 && (sleep_ms < 0 || usage_ms < sleep_ms))
		sleep_ms = usage_ms;
	run->sentry_sleeps = s->idle_ticks >= IDLE_TICKS;
	if (run->is_over && !is_busy(run)) {
		/* the server may have looked before that, and wait for us to let go */
		stop_receiving(run);
		sleep_ms = -2;
	}
	pthread_mutex_unlock(&run->lock);
	return sleep_ms;
}

static void pass_signals_on(struct demi_run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signals, &info, sizeof info) == sizeof info) {
		int sig = (int)info.ssi_signo;
		bool is_terminals = sig == SIGINT || sig == SIGQUIT || sig == SIGTSTP;
		bool is_groups = is_terminals || sig == SIGCONT;
		/* the warden's SIGCONT says that the program goes on already: passed on, it could
		 * undo the next Ctrl-Z */
		bool is_wardens = sig == SIGCONT && info.ssi_pid == (uint32_t)run->warden.pid;
		if (sig == SIGPIPE || is_wardens || run->is_over)
			continue;
		if (is_groups && run->has_own_group)
			kill(-run->program, sig);	/* as a terminal does */
		else if (!is_terminals)		/* else it reached the program, too */
			kernel_pidfd_signal(run->program_pidfd, sig);
	}
}

static void finish(struct demi_run *run, enum demi_reason reason, int status, int error)
{
	struct demi_result *result = &run->result;

	streams_finish(run);
	pthread_mutex_lock(&run->lock);
	result->reason = run->cause ? run->cause : reason;
	result->exec_errno = error;
	if (result->reason == DEMI_REASON_EXITED && WIFEXITED(status)) {
		result->exit_code = WEXITSTATUS(status);
	} else if (result->reason == DEMI_REASON_EXITED) {
		result->reason = DEMI_REASON_SIGNALED;
		result->signal = WTERMSIG(status);
		usage_blame(run, result);
	} else if (result->reason == DEMI_REASON_KILLED || result->reason == DEMI_REASON_LIMIT) {
		result->signal = SIGKILL;
	}
	followed_look(&run->follower);
	run->is_over = true;
	pthread_mutex_unlock(&run->lock);
	eventfd_write(run->ready, 1);
}

/* Without its warden the run cannot be kept together: what we can reach dies. */
static void mourn(struct demi_run *run)
{
	/* It dies with the warden and may be reaped by now; the group that it was given
	 * goes on under its number. Where it went itself, setpgid(2), others may be. */
	kernel_pidfd_signal(run->program_pidfd, SIGKILL);
	if (run->has_own_group && run->program > 1)
		kill(-run->program, SIGKILL);
	/* Orphans are ours only if we are a subreaper, as the command is; so are the
	 * children of those that we kill. */
	for (int i = 0; run->sb->forwards_signals && i < MOURN_LOOKS &&
	     processes_kill_children(getpid()) != 0; i++)
		poll(NULL, 0, TICK_MS);
	pthread_mutex_lock(&run->lock);
	if (!run->cause)
		run->cause = DEMI_REASON_KILLED;
	pthread_mutex_unlock(&run->lock);
	finish(run, DEMI_REASON_KILLED, 0, 0);
}

static void hear_warden(struct demi_run *run)
{
	struct warden_message message;
	AUTO_FD listener = -1;
	int rc = warden_receive(&run->warden, MSG_DONTWAIT, &message, &listener);

	if (rc == -EAGAIN)
		return;
	if (rc < 0)
		mourn(run);
	else if (message.news == WARDEN_FAILED)
		finish(run, DEMI_REASON_EXEC, 0, message.error);
	else if (message.news == WARDEN_ENDED)
		finish(run, DEMI_REASON_EXITED, message.status, 0);
}

static void look_at_followed(struct demi_run *run)
{
	pthread_mutex_lock(&run->lock);
	followed_look(&run->follower);
	pthread_mutex_unlock(&run->lock);
}

static void set_fds(struct sentry *s, struct pollfd fds[N_FDS])
{
	struct demi_run *run = s->run;
	bool is_over = run->is_over;	/* only this thread sets it */

	pthread_mutex_lock(&run->lock);
	fds[AT_FOLLOWED].fd = run->follower.epoll;
	bool receives = run->receiver == RECEIVER_SENTRY && !s->is_deserted;
	fds[AT_AWAITED].fd = run->awaited;	/* look() takes what is ready */
	pthread_mutex_unlock(&run->lock);
	fds[AT_WAKE].fd = run->wake;
	fds[AT_WARDEN].fd = is_over ? -1 : run->warden.control;
	fds[AT_LISTENER].fd = receives ? run->listener : -1;
	fds[AT_SIGNALS].fd = run->signals;
	fds[AT_OUT].fd = run->output[1].fd;
	fds[AT_ERR].fd = run->output[2].fd;
	for (int i = 0; i < N_FDS; i++) {
		fds[i].events = POLLIN;
		fds[i].revents = 0;
	}
}

static void attend(struct sentry *s, const struct pollfd fds[N_FDS])
{
	struct demi_run *run = s->run;
	eventfd_t count;

	if (fds[AT_WAKE].revents) {
		(void)eventfd_read(run->wake, &count);
		s->idle_ticks = 0;
	}
	if (fds[AT_LISTENER].revents & POLLIN)
		supervisor_enqueue(run);
	else if (fds[AT_LISTENER].revents)
		s->is_deserted = true;
	if (fds[AT_SIGNALS].revents)
		pass_signals_on(run);
	for (int fd = 1; fd <= 2; fd++)
		if (fds[AT_OUT + fd - 1].revents && !streams_collect(run, fd))
			fd_close(&run->output[fd].fd);
	if (fds[AT_FOLLOWED].revents)
		look_at_followed(run);
	if (fds[AT_WARDEN].revents)
		hear_warden(run);
}

void *sentry_main(void *ud)
{
	struct sentry s = { .run = ud };
	struct pollfd fds[N_FDS];
	int sleep_ms;

	while ((sleep_ms = look(&s)) != -2) {
		set_fds(&s, fds);
		if (poll(fds, N_FDS, sleep_ms) > 0)
			attend(&s, fds);
	}
	return NULL;
}
