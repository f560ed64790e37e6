/*
 * A call is performed: by the server itself when that cannot make it wait and needs no
 * other rights than its own, since handing it over costs more than doing it; else by
 * a performer.
 */
#include "pool.h"

#include "../dispatch.h"
#include "../notify.h"
#include "../util.h"
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

/* How long the first performer may take from its fork to its first word. */
#define MEET_MS 2000

/* Of what they allow, all that the server does at once could come upon is in /proc. */
#define OF_PROCESSES (CAP_TO_MASK(CAP_KILL) | CAP_TO_MASK(CAP_SYS_PTRACE))

/* The server has capabilities to look after the program, which has none of them. */
static void compare(struct perform *p, const struct capabilities *ours,
		    const struct capabilities *theirs)
{
	p->sees_more = p->beneath || ours->effective != theirs->effective;
	p->lowers = (ours->effective ^ theirs->effective) & ~(uint64_t)OF_PROCESSES;
	p->effective = theirs->effective;
	p->is_permitted_more = (ours->permitted ^ theirs->permitted) & ~(uint64_t)OF_PROCESSES;
}

/*
 * Whether the server's own rights and places are the program's, or would be without some
 * of its capabilities: known once, since every call that could change that is seen.
 */
static bool is_same_as_us(struct demi_run *run, const struct call *call)
{
	struct perform *p = run->perform;
	struct view ours, theirs;
	mode_t mask;

	if (p->checks_view || p->is_elsewhere)
		return false;
	if (!p->is_known || !pthread_equal(p->server, pthread_self())) {
		p->is_known = true;
		p->server = pthread_self();
		p->is_same = view_read(p->proc, 0, &ours, &mask) == 0 &&
			     view_read(p->proc, (pid_t)call->notif.pid, &theirs, &mask) == 0 &&
			     view_is_same_place(&ours, &theirs);
		compare(p, &ours.capabilities, &theirs.capabilities);
	}
	return p->is_same;
}

/* Ops that look at the umask. */
static bool makes_files(const struct job *job)
{
	return (job->op == OP_OPEN && job->has_input) || job->op == OP_MKDIR ||
	       job->op == OP_MKNOD || job->op == OP_BIND ||
	       (job->op == OP_OPEN && job->arg[0] & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)));
}

/* Ops that the server can do without waiting, as far as they say so by -EAGAIN. */
static bool never_waits(const struct perform *p, const struct job *job)
{
	/* access(2) of root asks for what it is permitted, not for what is in effect */
	if (job->op == OP_ACCESS)
		return !p->is_permitted_more;
	return job->op == OP_OPEN || job->op == OP_STAT || job->op == OP_STATX ||
	       job->op == OP_READLINK || job->op == OP_CLOCK_GETTIME || job->op == OP_LOOK;
}

/*
 * The server does p->own itself, with the capabilities that the program has. Returns false
 * if it would have to wait, or may not. held: what must stay open until there is an answer.
 */
static bool try_own(struct demi_run *run, struct call *call, int *held)
{
	struct perform *p = run->perform;
	struct worker w = {
		.job = &p->own, .proc = p->proc, .own_fds = p->own_fds, .given = -1,
		.held = -1, .must_not_wait = true, .hints = p->hints, .beneath = p->beneath,
	};
	struct capabilities before;

	if (!is_same_as_us(run, call) || !never_waits(p, &p->own) ||
	    (p->lowers && view_lower(p->effective, &before) < 0))
		return false;
	w.sees_more = p->sees_more;
	p->own.result = performer_do(&w);
	*held = w.held;
	if (p->lowers)
		view_raise(&before);
	return p->own.result != -EAGAIN;
}

static bool do_at_once(struct demi_run *run, struct call *call, struct demi_action *act,
		       int *held)
{
	struct perform *p = run->perform;

	if (!try_own(run, call, held))
		return false;
	if (p->own.op == OP_OPEN && p->own.result >= 0) {
		AUTO_FD fd = (int)p->own.result;
		bool is_all = !act->on_performed && !p->own.complaint[0];
		int newfd = notify_add_fd(run->listener, p->own.id, fd, p->own.fd_flags, is_all);
		if (newfd >= 0 && is_all)
			return true;
		p->own.result = newfd;
	}
	pool_answer(run, call, act, &p->own);
	return true;
}

/* The first performer says its name when it starts; the kernel adds the number. */
static int meet_first(struct perform *p)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} ancillary;
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = ancillary.bytes,
		.msg_controllen = sizeof ancillary.bytes,
	};
	struct pollfd control = { .fd = p->control, .events = POLLIN };
	struct ucred who = { 0 };
	mode_t mask;

	if (poll(&control, 1, MEET_MS) != 1 || recvmsg(p->control, &header, MSG_DONTWAIT) <= 0)
		return -EIO;
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
	if (cmsg && cmsg->cmsg_type == SCM_CREDENTIALS)
		memcpy(&who, CMSG_DATA(cmsg), sizeof who);
	p->first = who.pid;
	return view_read_ids(p->proc, p->first, &p->jobs->view, &mask);
}

/*
 * Where the first performer is, which a server without privileges may not see: where
 * any thread is, as long as none can have gone elsewhere.
 */
static int know_places(struct perform *p)
{
	struct view *first = &p->jobs->view;

	if (first->root_mount)
		return 0;
	if (p->checks_places)
		return view_read_places(p->proc, p->first, first);
	memcpy(first->spaces, p->base.spaces, sizeof first->spaces);
	first->root_device = p->base.root_device;
	first->root_inode = p->base.root_inode;
	first->root_mount = p->base.root_mount;
	return 0;
}

/*
 * Who a performer has to be for this job. As long as no call was seen that could change
 * it, all threads are what the first that asked was.
 */
static int describe_caller(struct perform *p, struct job *job)
{
	int rc = p->first ? 0 : meet_first(p);

	if (rc == 0 && (!p->is_based || p->checks_view)) {
		rc = view_read(p->proc, job->tid, &p->base, &job->umask);
		if (rc == 0)
			rc = know_places(p);
		p->is_base_changed = !view_is_same(&p->base, &p->jobs->view);
		p->is_based = rc == 0;
	}
	if (rc == 0 && makes_files(job))
		rc = view_read_umask(p->proc, job->tid, &job->umask);
	job->is_changed = p->is_base_changed;
	job->view = p->base;
	return rc < 0 && rc != -ESRCH && rc != -ENOENT
		? job_refuse(job, EPERM, "the caller's credentials cannot be seen") : rc;
}

static void start_call(struct demi_run *run, struct call *call, struct demi_action *act,
		       int socket)
{
	struct perform *p = run->perform;
	int rc = describe_caller(p, &p->own);
	int slot = rc < 0 ? rc : pool_take_slot(p);
	struct call *copy = slot < 0 ? NULL : call_keep(call);

	if (copy) {
		pool_start(run, (unsigned int)slot, copy, act, socket);
		return;
	}
	fd_close(&socket);
	p->own.result = rc < 0 ? rc : job_refuse(&p->own, EAGAIN, "too many calls wait");
	pool_answer(run, call, act, &p->own);
}

/* true when the job in a slot is done, whatever came of it */
static bool await_job(struct demi_run *run, struct demi_mem *mem, unsigned int slot)
{
	struct perform *p = run->perform;
	const struct job *job = &p->jobs->job[slot];
	struct pollfd ready = { .fd = run->ready, .events = POLLIN };

	while (!demi_mem_late(mem) && !p->is_alone) {
		uint32_t state = job->state;
		if (state == JOB_DONE || state == JOB_DIED)
			return state == JOB_DONE;
		if (state == JOB_ELSEWHERE || state == JOB_NEEDS_PROCESS)
			pool_again(run, slot);
		eventfd_t unused;
		poll(&ready, 1, 10);
		(void)eventfd_read(run->ready, &unused);
		pool_fork(p);
	}
	return false;
}

/* By a performer, while the handler waits. Leaves the result in p->own. */
static int ask_performer(struct demi_run *run, struct demi_mem *mem, int which)
{
	struct perform *p = run->perform;
	struct demi_action none = { .fd = -1 };
	int rc = describe_caller(p, &p->own);
	int slot = rc < 0 ? rc : pool_take_slot(p);

	if (slot < 0)
		return slot;
	pool_start(run, (unsigned int)slot, NULL, &none, -1);
	bool is_done = await_job(run, mem, (unsigned int)slot);
	struct job *job = &p->jobs->job[slot];
	if (is_done) {
		p->own.result = job->result;
		pool_copy_text(p->own.complaint, job->complaint, sizeof p->own.complaint);
		pool_copy_text(p->own.real[which], job->real[which], sizeof p->own.real[which]);
	}
	/* perform_reap() frees the slot, now or when a stuck one comes back; others may
	 * have written to run->ready for it meanwhile */
	eventfd_write(run->ready, 1);
	return is_done ? 0 : -EIO;
}

static int find_real_path(struct demi_run *run, struct demi_mem *mem, struct call *call,
			  int which)
{
	struct perform *p = run->perform;
	AUTO_FD held = -1;
	int rc = perform_copy(run, call, NULL, &p->own);

	if (rc < 0)
		return rc;
	p->own.wants_real = (uint8_t)(which + 1);
	if (!try_own(run, call, &held))
		rc = ask_performer(run, mem, which);
	if (rc < 0)
		return rc;
	if (p->own.complaint[0])
		dispatch_complain(run, call, p->own.complaint);
	if (p->own.result != -ECANCELED)
		return p->own.result < 0 ? (int)p->own.result : -EIO;
	call->real[which] = strdup(p->own.real[which]);
	return call->real[which] ? 0 : -ENOMEM;
}

int perform_real_path(struct demi_run *run, struct demi_mem *mem, int which)
{
	struct call *call = mem->call;

	if (!run->perform)
		return -EOPNOTSUPP;
	if (!call->real[which] && !call->real_error[which])
		call->real_error[which] = find_real_path(run, mem, call, which);
	return call->real_error[which];
}

void perform_start(struct demi_run *run, struct call *call, struct demi_action *act)
{
	struct perform *p = run->perform;
	int socket = -1;

	if (!dispatch_touch(run, call))
		return;
	int rc = perform_copy(run, call, act->path, &p->own);
	if (rc == 0) {
		socket = perform_take_socket(run, call, &p->own);
		rc = socket < -1 ? socket : 0;
	}
	if (!dispatch_claim(run, call)) {
		fd_close(&socket);
		return;
	}
	if (rc < 0) {
		p->own.result = rc;
		pool_answer(run, call, act, &p->own);
	} else if (!do_at_once(run, call, act, &socket)) {
		p->own.complaint[0] = 0;
		start_call(run, call, act, socket);
	}
}

void perform_notice(struct demi_run *run, const struct call *call)
{
	struct perform *p = run->perform;
	enum view_change change = p ? perform_changes_view(call->notif.syscall_nr) : VIEW_STAYS;
	mode_t mask;

	if (change == VIEW_STAYS)
		return;
	/* the last moment at which every thread is where the first performer is */
	if (!p->checks_places && (p->first || meet_first(p) == 0) &&
	    view_read(p->proc, (pid_t)call->notif.pid, &p->base, &mask) == 0)
		know_places(p);
	p->checks_view = true;
	p->checks_places |= change == VIEW_PLACES;
}
