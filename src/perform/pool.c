/* The server's side: jobs go to performers, what is done comes back. */
#include "pool.h"

#include "../complain.h"
#include "../dispatch.h"
#include "../kernel.h"
#include "../message.h"
#include "../notify.h"
#include "../run.h"
#include "../tracee.h"
#include "../util.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

/* How long a performer works before the sentry asks whether its caller still waits. */
#define CALLER_MS 50

static int order(struct perform *p, uint32_t kind, uint32_t slot, uint64_t id, int fd)
{
	struct performer_order text = { kind, slot, id };

	return message_send(p->control, &text, sizeof text, fd, MSG_DONTWAIT);
}

static int make(struct demi_run *run, struct child_plan *child, const struct grants *grants)
{
	int control[2], requests[2], yes = 1;
	struct perform *p = calloc(1, sizeof *p);

	if (!p)
		return -ENOMEM;
	struct performer_plan *plan = &p->plan;
	*plan = (struct performer_plan){ .control = -1, .requests = -1 };
	run->perform = p;
	p->is_elsewhere = child->namespaces;
	child->before_filter = performer_start;
	child->before_filter_ud = plan;
	p->control = p->requests = p->proc = p->own_fds = -1;
	p->jobs = mmap(NULL, sizeof *p->jobs, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->jobs == MAP_FAILED) {
		p->jobs = NULL;
		return -errno;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
		return -errno;
	p->control = control[0];
	if (setsockopt(p->control, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) < 0)
		return -errno;
	plan->control = fd_above_stdio(control[1]);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, requests) < 0)
		return -errno;
	p->requests = requests[0];
	plan->requests = fd_above_stdio(requests[1]);
	p->proc = fd_above_stdio(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
	p->own_fds = p->proc < 0 ? -1 : openat(p->proc, "self/fd", O_PATH | O_CLOEXEC);
	plan->jobs = p->jobs;
	plan->ready = run->ready;
	plan->proc = p->proc;
	return plan->control < 0 ? plan->control : plan->requests < 0 ? plan->requests
	       : p->own_fds < 0 ? -errno : beneath_new(grants, &p->beneath);
}

bool perform_is_wanted(const struct demi_sandbox *sb)
{
	bool is_wanted = false;

	for (int nr = 0; nr < DEMI_SYSCALL_END; nr++)
		is_wanted |= sb->chains[nr].has_handler && perform_shape(nr);
	return is_wanted;
}

int perform_open(struct demi_run *run, struct child_plan *child, const struct grants *grants)
{
	int rc = perform_is_wanted(run->sb) ? make(run, child, grants) : 0;
	return rc < 0 ? fail(&run->sb->why, rc, "perform") : 0;
}

void perform_forked(struct demi_run *run)
{
	if (!run->perform)
		return;
	fd_close(&run->perform->plan.control);
	fd_close(&run->perform->plan.requests);
}

void perform_begin(struct demi_run *run)
{
	order(run->perform, ORDER_LISTENER, 0, 0, run->listener);
}

void pool_fork(struct perform *p)
{
	while (!p->is_alone && p->n_forked - p->jobs->n_dead < p->n_busy) {
		if (order(p, ORDER_FORK, 0, 0, -1) < 0)
			p->is_alone = true;
		p->n_forked++;
	}
}

int pool_take_slot(struct perform *p)
{
	unsigned int slot = 0;

	while (slot < p->n_slots && p->performing[slot].is_used)
		slot++;
	if (slot == JOBS_MAX)
		return -EAGAIN;
	if (slot == p->n_slots)
		p->n_slots++;
	return (int)slot;
}

static void free_slot(struct perform *p, struct performing *one)
{
	demi_action_drop(&one->act);
	call_free(one->call);
	fd_close(&one->socket);
	one->call = NULL;
	one->is_used = false;
	p->n_busy--;
}

void pool_copy_text(char *dst, const char *text, size_t cap)
{
	memcpy(dst, text, cap);
	dst[cap - 1] = 0;
}

/* The bytes that the kernel would have written. The call waits: it is that memory. */
static void write_back(struct demi_run *run, struct call *call, struct job *job)
{
	size_t len = *(volatile uint32_t *)&job->out_len;

	if (!len || len > sizeof job->out.bytes || notify_check(run->listener, job->id) < 0 ||
	    !dispatch_touch(run, call))
		return;
	int rc = tracee_write((pid_t)call->notif.pid, job->out_addr, job->out.bytes, len);
	if (rc < 0)
		job->result = rc == -EFAULT ? rc : job_refuse(job, EPERM,
			"the program made itself unreadable");
}

void pool_answer(struct demi_run *run, struct call *call, struct demi_action *act,
		   struct job *job)
{
	char complaint[sizeof job->complaint];

	write_back(run, call, job);
	pool_copy_text(complaint, job->complaint, sizeof complaint);
	if (complaint[0] && notify_check(run->listener, job->id) == 0)
		dispatch_complain(run, call, complaint);
	dispatch_performed(run, call, act, job->result);
}

/* Without a word of the kernel: EIO, as the exception policies have it. */
static void fail_job(struct demi_run *run, struct performing *one, struct job *job)
{
	job->result = job_refuse(job, EIO, "the process that performs calls was killed or "
				 "could not be started");
	job->out_len = 0;
	pool_answer(run, one->call, &one->act, job);
}

void pool_hand_over(struct demi_run *run, unsigned int slot)
{
	struct perform *p = run->perform;
	struct job *job = &p->jobs->job[slot];
	uint32_t number = slot;

	job->state = JOB_SENT;
	pool_fork(p);
	if (p->is_alone || message_send(p->requests, &number, sizeof number,
					p->performing[slot].socket, MSG_DONTWAIT) < 0)
		job->state = JOB_DIED;
}

void pool_again(struct demi_run *run, unsigned int slot)
{
	struct perform *p = run->perform;
	struct job *job = &p->jobs->job[slot];

	if (job->state == JOB_NEEDS_PROCESS) {
		pid_t process = view_process(p->proc, job->tid);
		job->process = process ? process : -1;
	}
	pool_hand_over(run, slot);
}

static void reap_one(struct demi_run *run, unsigned int slot)
{
	struct perform *p = run->perform;
	struct performing *one = &p->performing[slot];
	struct job *job = &p->jobs->job[slot];
	uint32_t state = job->state;

	if (p->is_alone && state != JOB_DONE && state != JOB_ANSWERED)
		state = JOB_DIED;
	switch (state) {
	case JOB_SENT:
	case JOB_RUNNING:
	case JOB_ANSWERING:
	case JOB_CANCELLED:
		return;
	case JOB_ELSEWHERE:
	case JOB_NEEDS_PROCESS:
		pool_again(run, slot);
		return;
	case JOB_DONE:
		if (one->call)
			pool_answer(run, one->call, &one->act, job);
		break;
	case JOB_DIED:
		if (one->call)
			fail_job(run, one, job);
		break;
	}
	job->state = JOB_FREE;
	pthread_mutex_lock(&run->lock);
	free_slot(p, one);
	pthread_mutex_unlock(&run->lock);
}

void perform_reap(struct demi_run *run)
{
	struct perform *p = run->perform;

	if (!p || !p->n_busy)
		return;
	for (unsigned int slot = 0; slot < p->n_slots; slot++)
		if (p->performing[slot].is_used)
			reap_one(run, slot);
	pool_fork(p);
}

/* Only what is used: a job has room for much. */
static void copy_job(struct job *to, const struct job *from)
{
	memcpy(to, from, offsetof(struct job, path));
	for (int i = 0; i < 2; i++) {
		if (from->has_path[i])
			strcpy(to->path[i], from->path[i]);
		if (from->has_real[i])
			strcpy(to->real[i], from->real[i]);
	}
	memcpy(to->body, from->body, from->body_len);
}

void pool_start(struct demi_run *run, unsigned int slot, struct call *call,
			      struct demi_action *act, int socket)
{
	struct perform *p = run->perform;
	struct job *job = &p->jobs->job[slot];

	copy_job(job, &p->own);
	job->performer = 0;
	job->wants_result = act->on_performed != NULL;
	pthread_mutex_lock(&run->lock);
	p->performing[slot] = (struct performing){
		.is_used = true, .id = job->id, .call = call, .act = *act, .socket = socket,
		.since_ms = kernel_now_ms(),
	};
	p->n_busy++;
	if (run->sentry_sleeps)
		eventfd_write(run->wake, 1);
	pthread_mutex_unlock(&run->lock);
	*act = (struct demi_action){ .fd = -1 };
	pool_hand_over(run, slot);
}

bool perform_is_busy(const struct demi_run *run)
{
	return run->perform && run->perform->n_busy;
}

static void look_for_performers(struct demi_run *run)
{
	struct perform *p = run->perform;
	struct pollfd control = { .fd = p->control };

	if (p->is_alone || poll(&control, 1, 0) != 1 || !(control.revents & POLLHUP))
		return;
	p->is_alone = true;
	eventfd_write(run->ready, 1);
}

void perform_look(struct demi_run *run, uint64_t now)
{
	struct perform *p = run->perform;

	for (unsigned int slot = 0; p && p->n_busy && slot < p->n_slots; slot++) {
		struct performing *one = &p->performing[slot];
		if (!one->is_used || !kernel_has_passed(one->since_ms, CALLER_MS, now))
			continue;
		one->since_ms = now;
		look_for_performers(run);
		if (notify_check(run->listener, one->id) < 0)
			order(p, ORDER_CANCEL, slot, one->id, -1);
	}
}

void perform_close(struct demi_run *run)
{
	struct perform *p = run->perform;

	if (!p)
		return;
	perform_forked(run);
	for (unsigned int slot = 0; slot < p->n_slots; slot++)
		if (p->performing[slot].is_used)
			free_slot(p, &p->performing[slot]);
	int *const fds[] = { &p->control, &p->requests, &p->proc, &p->own_fds };
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		fd_close(fds[i]);
	beneath_free(p->beneath);
	if (p->jobs)
		munmap(p->jobs, sizeof *p->jobs);
	free(p);
	run->perform = NULL;
}
