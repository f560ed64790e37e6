/*
 * From clone(2) to execve(2): applies the sandbox step by step. The child shares
 * the warden's memory and descriptor table and makes async-signal-safe calls only.
 * After the filter is on, every call may wait for a handler: there is just one
 * more, execve(2), and the warden reads from memory what it needs to know.
 */
#include "child.h"

#include "caps.h"
#include "kernel.h"
#include "landlock.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
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

/* All above 2 go at execve(2), but those that were given. */
static const char *mark_fds(const struct child_plan *plan)
{
	int rc = kernel_close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);

	errno = -rc;
	if (rc < 0)
		return "close_range";
	for (size_t i = 0; i < plan->n_kept_fds; i++)
		if (fcntl(plan->kept_fds[i], F_SETFD, 0) < 0)
			return "keeping a descriptor";
	return NULL;
}

/* Less privilege first: whatever follows is done without it. */
static const char *give_up_privilege(const struct child_plan *plan)
{
	int rc = plan->has_ids ? caps_become(plan->uid, plan->gid) : 0;

	errno = -rc;
	if (rc < 0)
		return "changing to uid and gid";
	rc = caps_drop_all();
	errno = -rc;
	if (rc < 0)
		return "dropping capabilities";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return "prctl(PR_SET_NO_NEW_PRIVS)";
	return NULL;
}

static const char *take_limits(const struct child_plan *plan)
{
	int rc = rlimits_apply(&plan->limits);

	if (plan->has_umask)
		umask(plan->umask);
	errno = -rc;
	return rc < 0 ? "setrlimit" : NULL;
}

static const char *stay_with(pid_t warden)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return "prctl(PR_SET_PDEATHSIG)";
	return getppid() == warden ? NULL : "the warden is gone";
}

/* What needs a privilege, then without it. */
static const char *become_confined(const struct child_start *start)
{
	const struct child_plan *plan = start->plan;
	int rc = cgroup_enter(plan->groups);

	errno = -rc;
	if (rc < 0)
		return "entering the control group";
	const char *failed = stay_with(start->warden);
	if (!failed && plan->namespaces)
		failed = namespaces_arrange(plan->namespaces);
	if (!failed)
		failed = give_up_privilege(plan);
	/* a change of ids clears it, PR_SET_PDEATHSIG(2const); in a PID namespace our
	 * parent has no number any more */
	if (!failed && plan->has_ids && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		failed = "prctl(PR_SET_PDEATHSIG)";
	return failed;
}

/*
 * A process group without a controlling terminal. setsid(2) would do both, but it makes
 * a scheduling group, too, sched(7): on a busy machine a call that is handed to and fro
 * between two of them took 2.5 times as long.
 */
static const char *leave_terminal(void)
{
	if (setpgid(0, 0) < 0)
		return "setpgid";
	AUTO_FD terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (terminal >= 0 && ioctl(terminal, TIOCNOTTY) < 0)
		return "ioctl(TIOCNOTTY)";
	return NULL;
}

static const char *prepare(const struct child_start *start)
{
	const struct child_plan *plan = start->plan;

	prctl(PR_SET_NAME, "demilune");	/* as a handler on its execve(2) sees it */
	const char *failed = become_confined(start);
	if (failed)
		return failed;
	failed = plan->has_own_group ? leave_terminal() : NULL;
	if (failed)
		return failed;
	/* after the ids: the program must be able to go where it starts */
	if (plan->cwd && chdir(plan->cwd) < 0)
		return plan->cwd;
	failed = take_stdio(plan->stdio);
	if (!failed)
		failed = mark_fds(plan);
	if (!failed)	/* last: a limit of open files would be in dup2's way */
		failed = take_limits(plan);
	if (failed)
		return failed;
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
	/* what starts here has all that confines the program, but no handler and no filter */
	int rc = plan->before_filter ? plan->before_filter(plan->before_filter_ud) : 0;
	if (rc < 0)
		give_up(start->report, "the performer", -rc);
	/* The other order would let a handler wait for this very call. Which of the
	 * programs wins does not depend on it: the stricter does, seccomp(2). */
	if (plan->guard.len)
		rc = kernel_filter(&plan->guard);
	if (rc == 0)
		rc = kernel_filter(&plan->denied);
	if (rc < 0)
		give_up(start->report, "seccomp", -rc);
	if (plan->notified.len) {
		int listener = kernel_listen(&plan->notified);
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
