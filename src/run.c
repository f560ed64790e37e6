/*
 * A run: made ready, started, ended, freed. What cannot be done is found out
 * before the fork where that is possible.
 */
#include "run.h"

#include "caps.h"
#include "command.h"
#include "complain.h"
#include "confine.h"
#include "isolation.h"
#include "dispatch.h"
#include "dumpable.h"
#include "explain/explain.h"
#include "hold.h"
#include "kernel.h"
#include "notify.h"
#include "perform/perform.h"
#include "processes.h"
#include "protection.h"
#include "sentry.h"
#include "streams.h"
#include "usage.h"
#include "util.h"
#include "watched.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

/* Process 1 of a namespace is the warden's child then, and does not stop. */
static bool is_job(const struct demi_run *run)
{
	unsigned int isolated = protection_isolated(run->sb->access.isolated, run->missing);

	return run->sb->forwards_signals && !(isolated & DEMI_ISOLATE_PID);
}

/* Signals that would end us wait in a descriptor, from all threads of the run. */
static int take_signals(struct demi_run *run)
{
	static const int taken[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2,
				     SIGPIPE, SIGCONT };
	sigset_t set;

	if (!run->sb->forwards_signals)
		return 0;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		sigaddset(&set, taken[i]);
	if (is_job(run))	/* the warden stops us when the program stops */
		sigaddset(&set, SIGTSTP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);	/* should the warden be killed */
	run->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return run->signals < 0 ? fail(&run->sb->why, -errno, "signalfd") : 0;
}

/* The descriptors of the sentry and the server. */
static int make_wakeups(struct demi_run *run)
{
	run->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	run->wake = run->ready < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return run->wake < 0 ? fail(&run->sb->why, -errno, "eventfd") : 0;
}

static bool hears_of_execve(const struct demi_sandbox *sb)
{
	int execve_nr = demi_syscall_number("execve");

	return execve_nr >= 0 && sb->chains[execve_nr].n;
}

static int failed_step(struct demi_run *run, const struct warden_message *message,
		       const char *path)
{
	const char *step = strcmp(message->step, "execve") == 0 ? path : message->step;

	if (step == path && message->error == EACCES && run->sb->access.confines_files)
		return fail(&run->sb->why, -EACCES, "%s (it, its interpreter and its libraries must "
			    "be granted)", path);
	return fail(&run->sb->why, -message->error, "%s", step);
}

/* Until the program runs, as far as that can be waited for. */
static int await_start(struct demi_run *run, const struct child_plan *plan)
{
	struct warden_message message;

	for (;;) {
		AUTO_FD listener = -1;
		int rc = warden_receive(&run->warden, 0, &message, &listener);
		if (rc < 0)
			return fail(&run->sb->why, rc, "the start of the program");
		if (message.news == WARDEN_FAILED)
			return failed_step(run, &message, plan->path);
		if (message.news == WARDEN_STARTED) {
			run->listener = fd_take(&listener);
			run->program = message.pid;
			run->program_pidfd = kernel_pidfd_open(message.pid);
		}
		if (message.news == WARDEN_EXECUTED && !run->program)
			return fail(&run->sb->why, -ECHILD, "the program was killed at its start");
		/* its execve(2) waits for a handler, which waits for us */
		if (message.news == WARDEN_EXECUTED || hears_of_execve(run->sb))
			return 0;
	}
}

static int start_sentry(struct demi_run *run)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&run->sentry, NULL, sentry_main, run);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return fail(&run->sb->why, -error, "pthread_create");
	run->has_sentry = true;
	return 0;
}

/* What the kernel is to refuse by itself, and what is to be asked. */
static int make_filters(struct demi_run *run, struct child_plan *plan,
			const struct isolation *isolation)
{
	int rc = explain_prepare(run, &isolation->grants);

	if (rc == 0)
		rc = confine_filter(run->sb, (struct filter_sink){ .program = &plan->denied });
	if (rc == 0)
		rc = perform_open(run, plan, &isolation->grants);
	const struct watched watched = {
		.sb = run->sb, .performs = run->perform,
		.refusals = run->explain ? run->explain->refusals : NULL,
		.n_refusals = run->explain ? run->explain->n_refusals : 0,
	};
	return rc == 0 ? watched_filter(&watched, (struct filter_sink){ .program = &plan->notified })
		       : rc;
}

static int start(struct demi_run *run, struct child_plan *plan, struct isolation *isolation)
{
	int rc = take_signals(run);

	plan->mask = run->mask;
	plan->has_own_group = run->has_own_group;
	plan->is_job = is_job(run);
	if (rc == 0)
		rc = make_wakeups(run);
	if (rc == 0)
		rc = streams_make(run, plan->stdio);
	if (rc == 0)
		rc = make_filters(run, plan, isolation);
	usage_limit(run, plan);
	if (rc == 0)
		rc = warden_start(plan, &run->warden, &run->sb->why);
	cgroup_close(run->groups);
	perform_forked(run);
	for (int fd = 0; fd < 3; fd++)	/* else we would hold their pipes open */
		fd_close(&plan->stdio[fd]);
	if (rc == 0)
		rc = await_start(run, plan);
	if (rc == 0)
		rc = explain_started(run, isolation, plan);
	if (rc == 0 && run->listener >= 0)
		notify_hurry(run->listener);
	if (rc == 0 && run->perform)
		perform_begin(run);
	if (rc == 0 && run->sb->time_limit_ms)
		run->deadline_ms = kernel_now_ms() + run->sb->time_limit_ms;
	if (rc == 0 && run->sb->drops_privileges) {
		/* before the sentry is there: capabilities are a thread's, capabilities(7) */
		rc = caps_keep_for_supervising(run->sb->explains);
		if (rc < 0)
			rc = fail(&run->sb->why, rc, "dropping our own capabilities");
	}
	return rc == 0 ? start_sentry(run) : rc;
}

/* To let a program read from our terminal is to let it have the terminal. */
static bool shares_terminal(const struct demi_sandbox *sb)
{
	return sb->keeps_terminal || (sb->stdio[0] == DEMI_STDIO_INHERIT && isatty(0));
}

static struct demi_run *new_run(struct demi_sandbox *sb)
{
	struct demi_run *run = calloc(1, sizeof *run);
	uint64_t *unsafe = calloc(sb->n_handlers + 1, sizeof *unsafe);

	if (!run || !unsafe) {
		free(run);
		free(unsafe);
		return NULL;
	}
	run->unsafe = unsafe;
	run->sb = sb;
	run->has_own_group = !shares_terminal(sb);
	run->warden = (struct warden){ .pidfd = -1, .control = -1 };
	run->listener = run->ready = run->wake = run->signals = run->awaited = -1;
	run->program_pidfd = run->follower.epoll = -1;
	for (int fd = 0; fd < 3; fd++)
		run->stdio[fd] = run->output[fd].fd = -1;
	run->queue_end = &run->queue;
	run->result.exit_code = -1;
	pthread_mutex_init(&run->lock, NULL);
	pthread_cond_init(&run->receiver_left, NULL);
	pthread_sigmask(SIG_SETMASK, NULL, &run->mask);
	dumpable_forbid();
	return run;
}

int demi_sandbox_start(struct demi_sandbox *sb, char *const argv[], struct demi_run **out)
{
	struct child_plan plan = {
		.stdio = { -1, -1, -1 }, .cwd = sb->cwd,
		.ruleset = -1,
		.kept_fds = sb->kept_fds, .n_kept_fds = sb->n_kept_fds,
		.has_umask = sb->has_umask, .umask = sb->umask,
		.has_ids = sb->has_ids, .uid = sb->uid, .gid = sb->gid,
	};
	struct isolation isolation = { .grants.ruleset = -1 };

	*out = NULL;
	sb->why.text[0] = 0;
	int rc = kernel_check(&sb->why);
	if (rc == 0)
		rc = command_prepare(sb, argv, &plan);
	if (rc == 0)
		rc = isolation_prepare(sb, &plan, &isolation);
	if (rc == 0)	/* new_run() counts the handlers */
		rc = peers_bind(sb);
	struct demi_run *run = rc == 0 ? new_run(sb) : NULL;
	if (rc == 0 && !run)
		rc = fail(&sb->why, -ENOMEM, "a run");
	if (rc == 0) {
		run->missing = isolation.grants.missing;
		rc = peers_look_up(run);
	}
	if (rc == 0)
		rc = start(run, &plan, &isolation);
	command_free(&plan);
	isolation_free(&isolation);
	free(plan.denied.filter);
	free(plan.guard.filter);
	free(plan.notified.filter);
	if (rc < 0)
		demi_run_free(run);
	else
		*out = run;
	return rc;
}

pid_t demi_run_pid(const struct demi_run *run)
{
	return run->program;
}

unsigned int demi_run_missing(const struct demi_run *run)
{
	return run->missing;
}

static int signal_tree(struct demi_run *run, int sig)
{
	AUTO_FREE struct process *below = NULL;
	ssize_t n = processes_below(run->warden.pid, &below);

	for (ssize_t i = 0; i < n; i++)
		kill(below[i].pid, sig);
	return n < 0 ? (int)n : 0;
}

int demi_run_signal(struct demi_run *run, int sig, int tree)
{
	pthread_mutex_lock(&run->lock);
	bool is_over = run->is_over;
	pthread_mutex_unlock(&run->lock);
	if (sig < 1 || sig > SIGRTMAX)
		return -EINVAL;
	if (is_over)
		return -ESRCH;
	if (tree)
		return signal_tree(run, sig);
	return kernel_pidfd_signal(run->program_pidfd, sig);
}

void demi_run_end(struct demi_run *run)
{
	pthread_mutex_lock(&run->lock);
	if (!run->is_over)
		dispatch_end(run, DEMI_REASON_KILLED);
	pthread_mutex_unlock(&run->lock);
}

void demi_run_result(const struct demi_run *run, struct demi_result *out)
{
	struct demi_run *shared = (struct demi_run *)run;

	pthread_mutex_lock(&shared->lock);
	*out = run->result;
	pthread_mutex_unlock(&shared->lock);
}

int demi_run_follow(struct demi_run *run, pid_t pid)
{
	pthread_mutex_lock(&run->lock);
	bool is_first = run->follower.epoll < 0;
	int rc = followed_add(&run->follower, pid);
	pthread_mutex_unlock(&run->lock);
	if (is_first)	/* the sentry sleeps on other descriptors */
		eventfd_write(run->wake, 1);
	return rc;
}

int demi_run_ended(struct demi_run *run, struct demi_ended *out)
{
	pthread_mutex_lock(&run->lock);
	bool has_ended = followed_take(&run->follower, out);
	pthread_mutex_unlock(&run->lock);
	return has_ended;
}

int demi_run_unsafe(const struct demi_run *run, size_t i, struct demi_unsafe *out)
{
	*out = (struct demi_unsafe){ 0 };
	if (i >= run->sb->n_handlers)
		return -ENOENT;
	const char *name = run->sb->handlers[i]->name;
	*out = (struct demi_unsafe){ name ? name : "", run->unsafe[i] };
	return 0;
}

static void free_calls(struct call *call)
{
	while (call) {
		struct call *next = call->sibling;
		call_free(call);
		call = next;
	}
}

static void close_fds(struct demi_run *run)
{
	int *const fds[] = { &run->listener, &run->program_pidfd, &run->ready, &run->wake, &run->signals,
			     &run->stdio[0], &run->stdio[1], &run->stdio[2],
			     &run->output[1].fd, &run->output[2].fd };

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		fd_close(fds[i]);
}

void demi_run_free(struct demi_run *run)
{
	if (!run)
		return;
	if (run->has_sentry) {
		demi_run_end(run);
		eventfd_write(run->wake, 1);
		pthread_join(run->sentry, NULL);
	}
	warden_close(&run->warden);	/* closing its control kills what is left */
	if (run->warden.pid <= 0)	/* else it has done that */
		cgroup_remove(run->groups);
	perform_close(run);
	close_fds(run);
	free_calls(run->queue);
	hold_free(run);
	free(run->output[1].bytes);
	free(run->output[2].bytes);
	complain_free(run);
	explain_free(run);
	followed_free(&run->follower);
	free(run->unsafe);
	free(run->peers.rules);
	if (run->sb->forwards_signals)
		pthread_sigmask(SIG_SETMASK, &run->mask, NULL);
	pthread_mutex_destroy(&run->lock);
	pthread_cond_destroy(&run->receiver_left);
	dumpable_allow();
	free(run);
}
