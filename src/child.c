/*
 * From clone(2) to execve(2): applies the sandbox step by step. The child shares
 * the warden's memory and descriptor table and makes async-signal-safe calls only.
 * After the filter is on, every call may wait for a handler: there is just one
 * more, execve(2), and the warden reads from memory what it needs to know.
 */
#include "child.h"

#include "kernel.h"
#include "landlock.h"
#include "util.h"

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

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
	prctl(PR_SET_NAME, "demilune");	/* as a handler on its execve(2) sees it */
	const char *failed = plan->namespaces ? namespaces_arrange(plan->namespaces) : NULL;
	if (failed)
		return failed;
	if (plan->has_own_group && setpgid(0, 0) < 0)
		return "setpgid";
	if (plan->cwd && chdir(plan->cwd) < 0)
		return plan->cwd;
	failed = take_stdio(plan->stdio);
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

static int add_late(const struct child_plan *plan, const struct late_grant *late)
{
	AUTO_FD fd = open(late->path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	uint64_t rights = landlock_rights(plan->landlock_abi, late->access, st.st_mode);
	return landlock_allow_path(plan->ruleset, fd, rights);
}

/*
 * The domain before any filter, which may refuse landlock_restrict_self(2), and after
 * the namespaces: in a domain nothing can be mounted.
 */
static const char *restrict_access(const struct child_plan *plan)
{
	for (size_t i = 0; i < plan->n_late; i++) {
		int rc = add_late(plan, &plan->late[i]);
		errno = -rc;
		if (rc < 0)
			return plan->late[i].path;
	}
	int rc = landlock_restrict(plan->ruleset);
	errno = -rc;
	return rc < 0 ? "landlock_restrict_self" : NULL;
}

int child_main(void *ud)
{
	const struct child_start *start = ud;
	const struct child_plan *plan = start->plan;
	const char *failed = prepare(start);

	if (!failed && plan->ruleset >= 0)
		failed = restrict_access(plan);
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
