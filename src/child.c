/*
 * From clone(2) to execve(2): applies the sandbox step by step. The child shares
 * the warden's memory and descriptor table and makes async-signal-safe calls only.
 * After the filter is on, every call may wait for a handler: there is just one
 * more, execve(2), and the warden reads from memory what it needs to know.
 */
#include "child.h"

#include "kernel.h"

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

static _Noreturn void give_up(struct child_report *report, const char *step, int error)
{
	report->step = step;
	report->error = error;
	/* exit_group(2) may be notified, and nobody may be there to answer: the
	 * warden sees the error and kills this process wherever it waits */
	_exit(127);
}

/* A handler of the host program must not run here, in the warden's memory. */
static void forget_signal_handlers(void)
{
	struct sigaction action;

	for (int sig = 1; sig < NSIG; sig++) {
		if (sigaction(sig, NULL, &action) < 0 || action.sa_handler == SIG_IGN ||
		    action.sa_handler == SIG_DFL)
			continue;
		action = (struct sigaction){ .sa_handler = SIG_DFL };
		sigaction(sig, &action, NULL);
	}
}

static const char *take_stdio(const int stdio[3])
{
	for (int fd = 0; fd < 3; fd++)
		if (stdio[fd] >= 0 && dup2(stdio[fd], fd) < 0)
			return "dup2";
	return NULL;
}

static const char *prepare(const struct child_start *start)
{
	const struct child_plan *plan = start->plan;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return "prctl(PR_SET_PDEATHSIG)";
	if (getppid() != start->warden)
		return "the warden is gone";
	if (plan->has_own_group && setpgid(0, 0) < 0)
		return "setpgid";
	if (plan->cwd && chdir(plan->cwd) < 0)
		return plan->cwd;
	const char *failed = take_stdio(plan->stdio);
	if (failed)
		return failed;
	if (kernel_close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return "close_range";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return "prctl(PR_SET_NO_NEW_PRIVS)";
	forget_signal_handlers();
	if (sigprocmask(SIG_SETMASK, &plan->mask, NULL) < 0)
		return "sigprocmask";
	return NULL;
}

int child_main(void *ud)
{
	const struct child_start *start = ud;
	const struct child_plan *plan = start->plan;
	const char *failed = prepare(start);

	if (failed)
		give_up(start->report, failed, errno);
	if (plan->filter.len) {
		int listener = kernel_listen(&plan->filter);
		if (listener < 0)
			give_up(start->report, "seccomp", -listener);
		start->report->listener = listener;
	}
	execve(plan->path, plan->argv, plan->envp);
	int error = errno;
	if (error == ENOEXEC)	/* as execvp(3): a script without "#!" is the shell's */
		execve(plan->shell_argv[0], plan->shell_argv, plan->envp);
	give_up(start->report, "execve", error);
}
