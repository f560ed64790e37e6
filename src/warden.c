/*
 * The process between us and the program: it has our memory as of the fork, so it
 * makes async-signal-safe calls only. It never has the filter: what it does cannot
 * wait for a handler.
 */
#include "warden.h"

#include "caps.h"
#include "kernel.h"
#include "message.h"
#include "processes.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONTROL 3	/* where the warden keeps its end */
/* To kill programs of other users; and the root of cgroupfs denies root to write. */
#define NEEDED_CAPS (CAP_TO_MASK(CAP_KILL) | CAP_TO_MASK(CAP_DAC_OVERRIDE))
#define PAUSE_NS 20000	/* between two looks at the child: a start takes some 500 us */
#define PAUSE_MAX_NS 10000000

/* A process can have itself made to go on, by F_SETSIG of fcntl(2) for one: so many looks
 * may find one before the run is ended. */
#define HALT_MS 100
#define HALT_LOOKS 10

static union {
	char bytes[64 * 1024];
	_Alignas(16) char aligned;
} child_stack;

static int tell(int control, const struct warden_message *message, int listener)
{
	return message_send(control, message, sizeof *message, listener, 0);
}

static void look_again_after(long ns)
{
	clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ .tv_nsec = ns }, NULL);
}

/*
 * Kill our children until there are none; the children of a dead one become ours.
 * Returns the wait(2) status of the program if it was among them.
 */
static int kill_all(const struct child_plan *plan, pid_t program, int status)
{
	pid_t self = getpid();
	bool was_pause = false;	/* after one, what ends with the program has ended */

	/* A fork bomb grows while one reads /proc. The kernel signals a group at once,
	 * and no fork gets away; this group is the program's alone. */
	if (plan->has_own_group && program > 1)
		kill(-program, SIGKILL);
	for (long pause = PAUSE_NS;; pause = pause < PAUSE_MAX_NS ? 2 * pause : pause) {
		int one;
		pid_t pid = waitpid(-1, &one, __WALL | WNOHANG);
		if (pid < 0 && errno == ECHILD)
			return status;
		if (pid == program)
			status = one;
		if (pid > 0) {
			pause = PAUSE_NS / 2;
			continue;
		}
		if (was_pause)
			processes_kill_children(self);
		look_again_after(pause);
		was_pause = true;
	}
}

/* What we stopped, and shall let go on; others had stopped by themselves. */
static struct halt {
	bool is_on;
	pid_t stopped[4096];
	size_t n;
	bool is_full;
	int n_running;		/* that one look found */
	int n_looks;		/* at which something ran, since all was stopped */
	uint64_t next_ms;	/* when to look again */
} halt;

static bool is_halted(pid_t pid)
{
	for (size_t i = 0; i < halt.n; i++)
		if (halt.stopped[i] == pid)
			return true;
	return false;
}

static void stop_one(void *ud, const struct process *process)
{
	const pid_t *self = ud;

	if (process->is_zombie || process->is_stopped || !processes_is_below(*self, process))
		return;
	halt.is_full |= halt.n == sizeof halt.stopped / sizeof *halt.stopped;
	if (!is_halted(process->pid) && !halt.is_full)
		halt.stopped[halt.n++] = process->pid;
	kill(process->pid, SIGSTOP);
	halt.n_running += !process->is_blocked;
}

static void continue_one(void *ud, const struct process *process)
{
	const pid_t *self = ud;

	if (is_halted(process->pid) && processes_is_below(*self, process))
		kill(process->pid, SIGCONT);
}

/* false: something goes on running */
static bool keep_halted(void)
{
	pid_t self = getpid();

	halt.n_running = 0;
	halt.next_ms = kernel_now_ms() + HALT_MS;
	int rc = processes_each(stop_one, &self);
	halt.n_looks += halt.n_running > 0;
	return rc == 0 && !halt.is_full && halt.n_looks < HALT_LOOKS;
}

/*
 * A shell takes the terminal back when its job has stopped, and its job is the
 * supervisor: it stops and goes on with the program. By us, who never stop: it could not
 * see in time that the program goes on again. All that belongs to the run stops first:
 * nobody would keep its limits.
 */
static void follow_stop(pid_t supervisor, int status)
{
	pid_t self = getpid();

	if (WIFSTOPPED(status)) {
		halt.is_on = true;
		halt.n_looks = 0;
		keep_halted();
		kill(supervisor, SIGSTOP);
	} else if (WIFCONTINUED(status)) {
		kill(supervisor, SIGCONT);
		if (halt.is_on)
			processes_each(continue_one, &self);
		halt.is_on = false;
		halt.n = 0;
	}
}

static bool is_ended(const struct child_plan *plan, pid_t program, pid_t supervisor,
		     int *status)
{
	int one, options = __WALL | WNOHANG | (plan->is_job ? WUNTRACED | WCONTINUED : 0);
	pid_t pid;

	while ((pid = waitpid(-1, &one, options)) > 0) {
		if (pid != program)
			continue;
		if (WIFSTOPPED(one) || WIFCONTINUED(one)) {
			follow_stop(supervisor, one);
			continue;
		}
		*status = one;
		return true;
	}
	return false;
}

/* Until the program ends, we are told to end it, or the supervisor is gone. */
static int watch(const struct child_plan *plan, pid_t program, pid_t supervisor)
{
	struct signalfd_siginfo info;
	sigset_t all;
	int status = SIGKILL;	/* a wait(2) status, too */

	sigfillset(&all);
	int signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	/* From here on the program may have children: dying at once would lose them. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	while (signals >= 0 && getppid() == supervisor &&
	       !is_ended(plan, program, supervisor, &status)) {
		struct pollfd fds[] = {
			{ .fd = signals, .events = POLLIN },
			{ .fd = CONTROL, .events = POLLIN },
		};
		if (poll(fds, 2, halt.is_on ? HALT_MS : -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents)
			break;
		if (halt.is_on && kernel_now_ms() >= halt.next_ms && !keep_halted())
			break;
		while (read(signals, &info, sizeof info) == sizeof info)
			if (info.ssi_signo == SIGTERM)
				return kill_all(plan, program, status);
	}
	return kill_all(plan, program, status);
}

/* When the supervisor has seen all it wants in the control groups: they are empty. */
static _Noreturn void leave(int control, const struct child_plan *plan)
{
	char word;

	while (read(control, &word, sizeof word) > 0 || errno == EINTR)
		errno = 0;
	cgroup_remove(plan->groups);
	_exit(0);
}

static _Noreturn void report_failure(int control, const struct child_plan *plan,
				     pid_t program, const char *step, int error)
{
	struct warden_message message = { .news = WARDEN_FAILED, .error = error };

	kill_all(plan, program, 0);
	strncpy(message.step, step, sizeof message.step - 1);
	tell(control, &message, -1);
	leave(control, plan);
}

/* The supervisor ended the run, or is gone. */
static bool has_word(int control)
{
	return poll(&(struct pollfd){ .fd = control, .events = POLLIN }, 1, 0) > 0;
}

/* From clone(2) to execve(2) of the child: pass its listener on, see it execute. */
static pid_t attend_start(int control, const struct child_plan *plan)
{
	static struct child_report report = { .listener = -1 };
	static struct child_start start = { .report = &report };
	static _Atomic pid_t tid = -1;	/* cleared by the kernel at execve(2) and exit */
	struct warden_message message = { .news = WARDEN_STARTED };
	bool is_told = false;

	start.plan = plan;
	/* the parent of a process that is in another PID namespace */
	start.warden = plan->namespaces && plan->namespaces->pid ? 0 : getpid();
	pid_t program = clone(child_main, child_stack.bytes + sizeof child_stack.bytes,
			      CLONE_VM | CLONE_FILES | CLONE_CHILD_CLEARTID | SIGCHLD,
			      &start, NULL, NULL, &tid);
	if (program < 0)
		report_failure(control, plan, -1, "clone", errno);
	message.pid = program;
	/* The child cannot wake us: any call it makes may be notified. */
	for (;;) {
		/* In this order: what the child left behind is complete when it is gone. The
		 * other one loses the listener of a child that is quick, or us that are slow. */
		bool is_gone = tid == 0;
		int listener = report.listener;
		if (report.error)
			report_failure(control, plan, program, report.step, report.error);
		if (!is_told && (listener >= 0 || !plan->notified.len)) {
			int rc = tell(control, &message, listener);
			if (rc < 0)	/* unix(7): too many descriptors under way */
				report_failure(control, plan, program, "sendmsg", -rc);
			is_told = true;
		}
		if (is_gone)
			return program;
		/* its execve(2) may wait for an answer that will never come */
		if (is_told && has_word(control))
			kill(program, SIGKILL);
		look_again_after(PAUSE_NS);
	}
}

static _Noreturn void warden_main(int control, const struct child_plan *plan,
				  pid_t supervisor)
{
	struct warden_message message = { .news = WARDEN_EXECUTED };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGCHLD, SIG_DFL);	/* ignored, it would leave nothing to wait for */
	prctl(PR_SET_NAME, "demi-warden");
	prctl(PR_SET_TIMERSLACK, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		report_failure(control, plan, -1, "prctl(PR_SET_CHILD_SUBREAPER)", errno);
	if (getppid() != supervisor)
		_exit(0);
	const char *failed = plan->namespaces ? namespaces_enter(plan->namespaces) : NULL;
	if (failed)
		report_failure(control, plan, -1, failed, errno);
	/* Until its execve(2) the child has our memory, and a handler on that call reads it:
	 * an unprivileged supervisor may do so only while it is dumpable. A program of
	 * another run, which might ptrace(2) us meanwhile, is in a Landlock domain. */
	prctl(PR_SET_DUMPABLE, 1);
	pid_t program = attend_start(control, plan);
	prctl(PR_SET_DUMPABLE, 0);
	/* Now the descriptor table is ours alone: keep no pipe of the program open. */
	dup2(control, CONTROL);
	kernel_close_range(0, CONTROL - 1, 0);
	kernel_close_range(CONTROL + 1, ~0U, 0);
	/* nor its directory, nor what only the child needed */
	if (chdir("/") == 0 && caps_keep(NEEDED_CAPS) == 0)
		tell(CONTROL, &message, -1);
	message.news = WARDEN_ENDED;
	message.status = watch(plan, program, supervisor);
	tell(CONTROL, &message, -1);
	leave(CONTROL, plan);
}

int warden_start(const struct child_plan *plan, struct warden *out, struct why *why)
{
	pid_t supervisor = getpid();
	int ends[2];

	*out = (struct warden){ .pidfd = -1, .control = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return fail(why, -errno, "socketpair");
	AUTO_FD ours = ends[0];
	AUTO_FD theirs = fd_above_stdio(ends[1]);
	if (theirs < 0)
		return fail(why, theirs, "socketpair");
	pid_t pid = kernel_fork(&out->pidfd);
	if (pid < 0)
		return fail(why, pid, "fork");
	if (pid == 0) {
		fd_close(&ours);	/* its end must see ours close */
		warden_main(theirs, plan, supervisor);
	}
	out->pid = pid;
	out->control = fd_take(&ours);
	return 0;
}

int warden_receive(const struct warden *warden, int flags,
		   struct warden_message *out, int *listener)
{
	int rc = message_receive(warden->control, out, sizeof *out, listener, flags);

	return rc < 0 && rc != -EAGAIN ? -ECHILD : rc;
}

void warden_end(const struct warden *warden)
{
	(void)send(warden->control, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void warden_close(struct warden *warden)
{
	fd_close(&warden->control);
	if (warden->pidfd >= 0)
		kernel_reap(warden->pidfd);
	fd_close(&warden->pidfd);
}
