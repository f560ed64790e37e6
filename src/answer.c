/* What each kind of action sends to the kernel. */
#include "answer.h"

#include "notify.h"
#include "processes.h"
#include "util.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static char *complaint(const char *what, int error)
{
	char *text = NULL;

	return asprintf(&text, "%s: %s", what, strerrordesc_np(error)) < 0 ? NULL : text;
}

char *answer_failed_injection(int listener, uint64_t id, int rc)
{
	if (rc == -ENOENT)
		return NULL;
	/* nothing was answered: the program still waits */
	notify_error(listener, id, -rc);
	/* a full descriptor table is the program's matter, the rest is ours */
	return rc == -EMFILE ? NULL : complaint("inject_fd", -rc);
}

static char *inject(int listener, uint64_t id, const struct demi_action *act)
{
	int rc = notify_add_fd(listener, id, act->fd, act->fd_flags, true);

	return rc < 0 ? answer_failed_injection(listener, id, rc) : NULL;
}

/*
 * The caller chose its group, setpgid(2): it may be anybody's of the same session, and
 * ours holds more than the run. One that a process of the run leads was made by it, and
 * nobody else is in it: the kernel signals that at once, and no fork gets away.
 */
static int signal_members(const struct demi_run *run, pid_t pgid, int sig)
{
	AUTO_FREE struct process *below = NULL;
	ssize_t n = pgid == run->program ? 0 : processes_below(run->warden.pid, &below);
	bool is_led = pgid == run->program;

	for (ssize_t i = 0; i < n; i++)
		is_led |= below[i].pid == pgid;
	if (is_led)
		return kill(-pgid, sig) < 0 ? -errno : 0;
	for (ssize_t i = 0; i < n; i++)
		if (below[i].pgrp == pgid)
			kill(below[i].pid, sig);
	return n < 0 ? (int)n : 0;
}

static int signal_group(struct demi_run *run, const struct call *call,
			const struct demi_action *act)
{
	pid_t pgid = act->pgid ? act->pgid : getpgid((pid_t)call->notif.pid);

	/* The caller is gone: pgid may be someone else's by now. */
	if (notify_check(run->listener, call->notif.id) < 0)
		return 0;
	if (!act->pgid)
		return signal_members(run, pgid, act->sig);
	/* the policy chose it */
	if (pgid == getpgrp())
		return -EPERM;
	return kill(-pgid, act->sig) < 0 ? -errno : 0;
}

static char *send_signal(struct demi_run *run, const struct call *call,
			 const struct demi_action *act)
{
	int rc = signal_group(run, call, act);

	/* the caller may have survived the signal: its call must not be made */
	notify_error(run->listener, call->notif.id, EPERM);
	return rc < 0 ? complaint("kill", -rc) : NULL;
}

char *answer(struct demi_run *run, const struct call *call, const struct demi_action *act)
{
	uint64_t id = call->notif.id;

	switch (act->kind) {
	case DEMI_ACTION_CONTINUE:
		/* CONTINUE: the handlers decided so; the header warns of memory */
		notify_continue(run->listener, id);
		return NULL;
	case DEMI_ACTION_ERRNO:
		notify_error(run->listener, id, act->error);
		return NULL;
	case DEMI_ACTION_RETURN_VALUE:
		notify_value(run->listener, id, act->value);
		return NULL;
	case DEMI_ACTION_INJECT_FD_SEND:
		return inject(run->listener, id, act);
	case DEMI_ACTION_KILL:
		return send_signal(run, call, act);
	default:		/* UNSET: the run ends, and the call with it */
		return NULL;
	}
}
