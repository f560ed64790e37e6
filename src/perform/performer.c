/*
 * The processes that make calls for the program. The first one only forks others and
 * buries them; these take one job after the other from the socket that they share.
 * They have our memory as of the fork and make async-signal-safe calls only. One that
 * waits for a FIFO or a disk holds nobody else up, and is killed when its caller is.
 */
#include "performer.h"

#include "../kernel.h"
#include "../message.h"
#include "../notify.h"
#include "../util.h"
#include "view.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where a performer keeps what it has. */
enum { CONTROL = 3, REQUESTS, READY, PROC, PROGRAM, LISTENER, N_KEPT };
/* More idle ones than this go. */
#define IDLE_MAX 2

struct performer {
	struct jobs *jobs;
	struct worker worker;
	bool is_changed;	/* it took on what view says */
	struct view view;
};

int64_t performer_do(struct worker *w)
{
	static int64_t (*const ops[N_OPS])(struct worker *) = {
		[OP_OPEN] = job_open, [OP_STAT] = job_stat, [OP_STATX] = job_statx,
		[OP_ACCESS] = job_access, [OP_READLINK] = job_readlink,
		[OP_UNLINK] = job_unlink, [OP_MKDIR] = job_mkdir, [OP_MKNOD] = job_mknod,
		[OP_RENAME] = job_rename, [OP_LINK] = job_link, [OP_SYMLINK] = job_symlink,
		[OP_CHMOD] = job_chmod, [OP_CHOWN] = job_chown, [OP_TRUNCATE] = job_truncate,
		[OP_UTIMENS] = job_utimens,
		[OP_CONNECT] = job_connect, [OP_BIND] = job_bind, [OP_SENDTO] = job_sendto,
		[OP_GETRANDOM] = job_getrandom, [OP_CLOCK_GETTIME] = job_clock_gettime,
		[OP_UNAME] = job_uname, [OP_LOOK] = job_look,
	};

	w->job->complaint[0] = 0;
	w->job->out_len = 0;
	return ops[w->job->op](w);
}

static void finish(struct job *job, enum job_state state)
{
	job->state = state;
	if (state != JOB_ANSWERED)
		eventfd_write(READY, 1);
}

static bool is_unfinished(const struct job *job)
{
	uint32_t state = job->state;

	return state == JOB_RUNNING || state == JOB_ANSWERING || state == JOB_CANCELLED;
}

/*
 * Hands a descriptor over, and the number if that is all there is to say. One who is
 * killed in the middle leaves the caller with 0 for a descriptor.
 */
static void install(struct job *job, int fd)
{
	uint32_t running = JOB_RUNNING;

	if (!atomic_compare_exchange_strong(&job->state, &running, JOB_ANSWERING))
		_exit(0);
	bool is_all = !job->wants_result && !job->complaint[0];
	int newfd = notify_add_fd(LISTENER, job->id, fd, job->fd_flags, is_all);

	close(fd);
	job->result = newfd;
	/* the program may be gone, or its table full: open(2) gives EMFILE, too */
	finish(job, newfd >= 0 && is_all ? JOB_ANSWERED : JOB_DONE);
}

/* Is this process what the caller is? -EXDEV: it cannot be, another one must. */
static int become_caller(struct performer *p)
{
	const struct job *job = p->worker.job;

	if (p->is_changed)
		return job->is_changed && view_is_same(&p->view, &job->view) ? 0 : -EXDEV;
	if (!job->is_changed)
		return 0;
	p->view = job->view;
	p->is_changed = true;
	return view_take_on(PROC, job->tid, &p->jobs->view, &job->view);
}

static void hand_in(struct job *job)
{
	if (job->op == OP_OPEN && job->result >= 0)
		install(job, (int)job->result);
	else
		finish(job, JOB_DONE);
}

static void run_job(struct performer *p)
{
	struct job *job = p->worker.job;
	int rc = become_caller(p);

	if (rc == -EXDEV) {
		finish(job, JOB_ELSEWHERE);
		_exit(0);
	}
	if (rc < 0) {
		job->result = job_refuse(job, EPERM, "the caller's credentials or namespaces "
					 "cannot be taken on");
		finish(job, JOB_DONE);
		_exit(0);	/* half changed */
	}
	umask(job->umask);
	/* what was read of the caller was its own while it still waits */
	if (notify_check(LISTENER, job->id) < 0) {
		job->result = -ESRCH;
		finish(job, JOB_DONE);
		return;
	}
	p->worker.needs_process = false;
	job->result = performer_do(&p->worker);
	if (p->worker.needs_process)
		finish(job, JOB_NEEDS_PROCESS);
	else
		hand_in(job);
}

/* The number that our proc shows us under; no file of it has to be opened. */
static pid_t number_in_proc(void)
{
	char text[16] = "";

	return readlinkat(PROC, "self", text, sizeof text - 1) < 0 ? 0 : (pid_t)atoi(text);
}

/* false: it was given up meanwhile */
static bool take_job(struct job *job, pid_t self)
{
	uint32_t sent = JOB_SENT;

	if (job->state != JOB_SENT)
		return false;
	job->performer = self;
	return atomic_compare_exchange_strong(&job->state, &sent, JOB_RUNNING);
}

static _Noreturn void worker_main(struct jobs *jobs)
{
	struct performer p = { .jobs = jobs, .worker = { .proc = PROC, .held = -1 } };
	pid_t self = getpid();
	uint32_t slot;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1)
		_exit(0);
	int own = openat(PROC, "self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* truncate(2) and connect(2) have no directory but this one */
	if (own < 0 || fchdir(own) < 0)
		_exit(1);
	p.worker.own_fds = own;
	p.worker.has_own_numbers = number_in_proc() != self;
	for (;;) {
		if (++jobs->n_idle > IDLE_MAX) {
			jobs->n_idle--;
			_exit(0);
		}
		int rc = message_receive(REQUESTS, &slot, sizeof slot, &p.worker.given, 0);
		jobs->n_idle--;
		if (rc < 0 || slot >= JOBS_MAX)
			_exit(0);
		p.worker.job = &jobs->job[slot];
		if (take_job(&jobs->job[slot], self))
			run_job(&p);
		fd_close(&p.worker.given);
	}
}

/* The jobs of a performer that did not finish them. */
static void bury(struct jobs *jobs)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		jobs->n_dead++;
		for (int i = 0; i < JOBS_MAX; i++)
			if (jobs->job[i].performer == pid && is_unfinished(&jobs->job[i]))
				finish(&jobs->job[i], JOB_DIED);
		eventfd_write(READY, 1);
	}
}

/* No performer can be started, fork(2) says: what waits for one must not wait for ever. */
static void give_up_jobs(struct jobs *jobs)
{
	jobs->n_dead++;
	for (int i = 0; i < JOBS_MAX; i++) {
		uint32_t sent = JOB_SENT;
		if (atomic_compare_exchange_strong(&jobs->job[i].state, &sent, JOB_DIED))
			eventfd_write(READY, 1);
	}
}

static void obey(struct jobs *jobs, const struct performer_order *order, int fd)
{
	struct job *job = &jobs->job[order->slot % JOBS_MAX];
	uint32_t running = JOB_RUNNING;
	pid_t pid;

	switch (order->kind) {
	case ORDER_LISTENER:
		if (dup3(fd, LISTENER, O_CLOEXEC) < 0)
			_exit(1);
		break;
	case ORDER_FORK:
		pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0L, 0L, 0L, 0L);
		if (pid == 0)
			worker_main(jobs);
		if (pid < 0)
			give_up_jobs(jobs);
		break;
	case ORDER_CANCEL:
		if (job->id == order->id &&
		    atomic_compare_exchange_strong(&job->state, &running, JOB_CANCELLED))
			kill(job->performer, SIGKILL);	/* set before it ran */
		break;
	}
}

static _Noreturn void first_main(struct jobs *jobs)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "demi-performer");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	/* the number that the server knows us by goes along, SCM_CREDENTIALS of unix(7) */
	(void)message_send(CONTROL, "", 1, -1, 0);
	int deaths = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = CONTROL, .events = POLLIN },
			{ .fd = deaths, .events = POLLIN },
			{ .fd = PROGRAM, .events = POLLIN },
		};
		struct signalfd_siginfo unused;
		struct performer_order order;
		AUTO_FD fd = -1;
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			_exit(1);
		if (fds[2].revents)	/* the run is over: nobody has to look for us */
			_exit(0);
		while (read(deaths, &unused, sizeof unused) == sizeof unused)
			;
		bury(jobs);
		if (!fds[0].revents)
			continue;
		if (message_receive(CONTROL, &order, sizeof order, &fd, 0) < 0)
			_exit(0);
		obey(jobs, &order, fd);
	}
}

/* Keeps what it needs and no pipe of the program. */
static int keep(const struct performer_plan *plan, int program)
{
	const int kept[] = { plan->control, plan->requests, plan->ready, plan->proc, program };
	int above[LISTENER - CONTROL];

	for (int i = 0; i < LISTENER - CONTROL; i++) {
		above[i] = fcntl(kept[i], F_DUPFD_CLOEXEC, N_KEPT);
		if (above[i] < 0)
			return -errno;
	}
	for (int i = 0; i < LISTENER - CONTROL; i++)
		if (dup3(above[i], CONTROL + i, O_CLOEXEC) < 0)
			return -errno;
	int rc = kernel_close_range(0, CONTROL - 1, 0);
	return rc < 0 ? rc : kernel_close_range(LISTENER, ~0U, 0);
}

int performer_start(const void *ud)
{
	const struct performer_plan *plan = ud;
	AUTO_FD program = kernel_pidfd_open(getpid());
	if (program < 0)
		return program;
	/* It must never be open to the program, ptrace(2), which may run before it does
	 * anything; we may be, who are about to execute. Our parent becomes its parent: the
	 * program must not find a child it did not make. */
	int was_dumpable = prctl(PR_GET_DUMPABLE);
	prctl(PR_SET_DUMPABLE, 0);
	long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0L, 0L, 0L, 0L);
	if (pid != 0)
		prctl(PR_SET_DUMPABLE, was_dumpable);

	if (pid != 0)
		return pid < 0 ? -errno : 0;
	if (keep(plan, program) < 0)
		_exit(1);
	first_main(plan->jobs);
}
