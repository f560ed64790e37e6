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

/* Our own group holds more than the run: only what descends from the warden. */
static int signal_members(pid_t warden, pid_t pgid, int sig)
{
	AUTO_FREE struct process *below = NULL;
	ssize_t n = processes_below(warden, &below);

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
	/* first: in a container our group is 1 or, with its leader outside, 0 */
	if (pgid == getpgrp())
		return act->pgid ? -EPERM : signal_members(run->warden.pid, pgid, act->sig);
	if (pgid <= 1)		/* another namespace's group, or init's */
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
