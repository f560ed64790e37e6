/* Which calls can be performed, and where their arguments are. */
#include "gather.h"
#include "perform.h"

#include "../kernel.h"
#include "../notify.h"
#include "../procfs.h"
#include "../run.h"
#include "../util.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

/* An argument by its place from 1; 0: the call has none. */
struct shape {
	const char *name;
	enum job_op op;
	uint8_t dir[2], path[2];	/* no dir: AT_FDCWD */
	uint8_t arg[3];
	uint8_t out;
	uint8_t in, in_len;		/* in_len 0: of a fixed size */
	uint8_t fd, body, body_len, message;
	uint32_t set[3];		/* bits that the call has by its name */
};

static const struct shape shapes[] = {
	{ "open", OP_OPEN, .path = { 1 }, .arg = { 2, 3 } },
	{ "creat", OP_OPEN, .path = { 1 }, .arg = { 0, 2 },
	  .set = { O_CREAT | O_WRONLY | O_TRUNC } },
	{ "openat", OP_OPEN, .dir = { 1 }, .path = { 2 }, .arg = { 3, 4 } },
	{ "openat2", OP_OPEN, .dir = { 1 }, .path = { 2 }, .in = 3, .in_len = 4 },
	{ "stat", OP_STAT, .path = { 1 }, .out = 2 },
	{ "lstat", OP_STAT, .path = { 1 }, .out = 2, .set = { AT_SYMLINK_NOFOLLOW } },
	{ "newfstatat", OP_STAT, .dir = { 1 }, .path = { 2 }, .out = 3, .arg = { 4 } },
	{ "statx", OP_STATX, .dir = { 1 }, .path = { 2 }, .arg = { 3, 4 }, .out = 5 },
	{ "access", OP_ACCESS, .path = { 1 }, .arg = { 2 } },
	{ "faccessat", OP_ACCESS, .dir = { 1 }, .path = { 2 }, .arg = { 3 } },
	{ "faccessat2", OP_ACCESS, .dir = { 1 }, .path = { 2 }, .arg = { 3, 4 } },
	{ "readlink", OP_READLINK, .path = { 1 }, .out = 2, .arg = { 3 } },
	{ "readlinkat", OP_READLINK, .dir = { 1 }, .path = { 2 }, .out = 3, .arg = { 4 } },
	{ "unlink", OP_UNLINK, .path = { 1 } },
	{ "unlinkat", OP_UNLINK, .dir = { 1 }, .path = { 2 }, .arg = { 3 } },
	{ "rmdir", OP_UNLINK, .path = { 1 }, .set = { AT_REMOVEDIR } },
	{ "mkdir", OP_MKDIR, .path = { 1 }, .arg = { 2 } },
	{ "mkdirat", OP_MKDIR, .dir = { 1 }, .path = { 2 }, .arg = { 3 } },
	{ "mknod", OP_MKNOD, .path = { 1 }, .arg = { 2, 3 } },
	{ "mknodat", OP_MKNOD, .dir = { 1 }, .path = { 2 }, .arg = { 3, 4 } },
	{ "rename", OP_RENAME, .path = { 1, 2 } },
	{ "renameat", OP_RENAME, .dir = { 1, 3 }, .path = { 2, 4 } },
	{ "renameat2", OP_RENAME, .dir = { 1, 3 }, .path = { 2, 4 }, .arg = { 5 } },
	{ "link", OP_LINK, .path = { 1, 2 } },
	{ "linkat", OP_LINK, .dir = { 1, 3 }, .path = { 2, 4 }, .arg = { 5 } },
	{ "symlink", OP_SYMLINK, .path = { 1, 2 } },
	{ "symlinkat", OP_SYMLINK, .dir = { 0, 2 }, .path = { 1, 3 } },
	{ "chmod", OP_CHMOD, .path = { 1 }, .arg = { 2 } },
	{ "fchmodat", OP_CHMOD, .dir = { 1 }, .path = { 2 }, .arg = { 3 } },
	{ "fchmodat2", OP_CHMOD, .dir = { 1 }, .path = { 2 }, .arg = { 3, 4 } },
	{ "chown", OP_CHOWN, .path = { 1 }, .arg = { 2, 3 } },
	{ "lchown", OP_CHOWN, .path = { 1 }, .arg = { 2, 3 },
	  .set = { 0, 0, AT_SYMLINK_NOFOLLOW } },
	{ "fchownat", OP_CHOWN, .dir = { 1 }, .path = { 2 }, .arg = { 3, 4, 5 } },
	{ "truncate", OP_TRUNCATE, .path = { 1 }, .arg = { 2 } },
	{ "utimensat", OP_UTIMENS, .dir = { 1 }, .path = { 2 }, .in = 3, .arg = { 4 } },
	{ "connect", OP_CONNECT, .fd = 1, .in = 2, .in_len = 3 },
	{ "bind", OP_BIND, .fd = 1, .in = 2, .in_len = 3 },
	{ "sendto", OP_SENDTO, .fd = 1, .body = 2, .body_len = 3, .arg = { 4 },
	  .in = 5, .in_len = 6 },
	{ "sendmsg", OP_SENDTO, .fd = 1, .message = 2, .arg = { 3 } },
	{ "getrandom", OP_GETRANDOM, .out = 1, .arg = { 2, 3 } },
	{ "clock_gettime", OP_CLOCK_GETTIME, .arg = { 1 }, .out = 2 },
	{ "uname", OP_UNAME, .out = 1 },
	/* what only the caller's own process can do */
	{ "chdir", OP_LOOK, .path = { 1 } },
	{ "statfs", OP_LOOK, .path = { 1 } },
	{ "execve", OP_LOOK, .path = { 1 } },
	{ "execveat", OP_LOOK, .dir = { 1 }, .path = { 2 }, .arg = { 5 } },
};

/* clone(2) with a namespace flag is the same: filter.c notifies it. */
static const struct {
	const char *name;
	enum view_change change;
} view_changers[] = {
	{ "capset", VIEW_IDS }, { "chroot", VIEW_PLACES }, { "clone", VIEW_PLACES },
	{ "clone3", VIEW_PLACES }, { "pivot_root", VIEW_PLACES }, { "setfsgid", VIEW_IDS },
	{ "setfsuid", VIEW_IDS }, { "setgid", VIEW_IDS }, { "setgroups", VIEW_IDS },
	{ "setns", VIEW_PLACES }, { "setregid", VIEW_IDS }, { "setresgid", VIEW_IDS },
	{ "setresuid", VIEW_IDS }, { "setreuid", VIEW_IDS }, { "setuid", VIEW_IDS },
	{ "unshare", VIEW_PLACES },
};

static struct {
	const struct shape *shape;
	enum view_change change;
} known[DEMI_SYSCALL_END];
static pthread_once_t known_once = PTHREAD_ONCE_INIT;

static void fill(void)
{
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		int nr = demi_syscall_number(shapes[i].name);
		if (nr >= 0)
			known[nr].shape = &shapes[i];
	}
	for (size_t i = 0; i < sizeof view_changers / sizeof *view_changers; i++) {
		int nr = demi_syscall_number(view_changers[i].name);
		if (nr >= 0)
			known[nr].change = view_changers[i].change;
	}
}

const struct shape *perform_shape(int nr)
{
	pthread_once(&known_once, fill);
	return 0 <= nr && nr < DEMI_SYSCALL_END ? known[nr].shape : NULL;
}

int demi_syscall_performable(int nr)
{
	const struct shape *shape = perform_shape(nr);

	return shape && shape->op != OP_LOOK;
}

int demi_syscall_resolvable(int nr)
{
	const struct shape *shape = perform_shape(nr);

	return shape && (shape->path[0] || shape->path[1] || shape->op == OP_CONNECT);
}

enum view_change perform_changes_view(int nr)
{
	pthread_once(&known_once, fill);
	return 0 <= nr && nr < DEMI_SYSCALL_END ? known[nr].change : VIEW_STAYS;
}

/* A path may be missing where it would be empty, statx(2), utimensat(2). */
static bool may_be_null(const struct job *job)
{
	if (job->op == OP_UTIMENS)
		return job->dir[0] != AT_FDCWD && !(uint32_t)job->arg[0];
	return (job->op == OP_STAT || job->op == OP_STATX) && job->arg[0] & AT_EMPTY_PATH &&
	       kernel_is_at_least(6, 11);
}

static int copy_path(struct call *call, uint64_t addr, int which, struct job *job)
{
	if (!addr && which == 0 && may_be_null(job))
		return 0;
	ssize_t n = snapshot_read_cstr(&call->seen, (pid_t)call->notif.pid, addr,
				       job->path[which], PATH_MAX);
	job->has_path[which] = n >= 0;
	return n < 0 ? (int)n : 0;
}

/* openat2(2): a longer struct is fine if what we do not know is 0. */
static int copy_how(struct call *call, uint64_t addr, uint64_t size, struct job *job)
{
	char more[4096];

	if (size < sizeof job->input.how)
		return -EINVAL;
	if (size > sizeof more)
		return -E2BIG;
	int rc = gather_bytes(call, addr, more, size);
	for (size_t i = sizeof job->input.how; rc == 0 && i < size; i++)
		if (more[i])
			return -E2BIG;
	memcpy(&job->input.how, more, sizeof job->input.how);
	return rc;
}

static int copy_input(const struct shape *shape, struct call *call, struct job *job)
{
	uint64_t addr = call->notif.args[shape->in - 1];
	uint64_t len = shape->in_len ? call->notif.args[shape->in_len - 1] : 0;

	job->has_input = addr || job->op != OP_UTIMENS;
	if (job->op == OP_OPEN)
		return copy_how(call, addr, len, job);
	if (job->op == OP_UTIMENS)
		return addr ? gather_bytes(call, addr, job->input.times, sizeof job->input.times) : 0;
	/* a socket address; without one sendto(2) is send(2) */
	if (job->op == OP_SENDTO && !addr)
		len = 0;
	return gather_address(call, addr, len, &job->input.address, &job->input_len);
}

int perform_path_index(int nr, int arg)
{
	const struct shape *shape = perform_shape(nr);

	if (shape && shape->op == OP_CONNECT && shape->in == arg + 1)
		return 0;
	/* the text of a symbolic link leads nowhere */
	if (!shape || arg < 0 || (shape->op == OP_SYMLINK && shape->path[0] == arg + 1))
		return -1;
	return shape->path[0] == arg + 1 ? 0 : shape->path[1] == arg + 1 ? 1 : -1;
}

int perform_copy(struct demi_run *run, struct call *call, const char *path, struct job *job)
{
	const struct shape *shape = perform_shape(call->notif.syscall_nr);
	const uint64_t *args = call->notif.args;
	int rc = 0;

	job->op = (uint8_t)shape->op;
	job->id = call->notif.id;
	job->tid = (pid_t)call->notif.pid;
	job->complaint[0] = 0;
	job->body_len = 0;
	job->is_cut = false;
	job->input_len = job->out_len = 0;
	job->process = 0;
	job->out_addr = shape->out ? args[shape->out - 1] : 0;
	job->has_input = job->has_path[0] = job->has_path[1] = false;
	for (int i = 0; i < 3; i++)
		job->arg[i] = (shape->arg[i] ? args[shape->arg[i] - 1] : 0) | shape->set[i];
	for (int i = 0; i < 2; i++)
		/* an int in a register: the upper half means nothing */
		job->dir[i] = shape->dir[i] ? (int32_t)args[shape->dir[i] - 1] : AT_FDCWD;
	job->wants_real = 0;
	for (int i = 0; i < 2; i++) {
		job->has_real[i] = call->real[i] && !(path && i == 0);
		if (job->has_real[i])
			strcpy(job->real[i], call->real[i]);
		if (call->real_error[i] && !(path && i == 0))
			return call->real_error[i];
	}
	if (path) {
		snprintf(job->path[0], sizeof job->path[0], "%s", path);
		job->has_path[0] = true;
	}
	for (int i = path ? 1 : 0; i < 2 && rc == 0; i++)
		if (shape->path[i])
			rc = copy_path(call, args[shape->path[i] - 1], i, job);
	if (rc == 0 && shape->in)
		rc = copy_input(shape, call, job);
	if (rc == 0 && shape->body)
		rc = gather_body(call, args[shape->body - 1], args[shape->body_len - 1], job);
	if (rc == 0 && shape->message)
		rc = gather_message(call, args[shape->message - 1], job);
	/* also where a handler performs that wrote another address into the memory */
	if (rc == 0 && (shape->op == OP_CONNECT || shape->op == OP_SENDTO))
		rc = peers_judge(run, &job->input.address, job->input_len,
				 shape->op == OP_SENDTO);
	if (rc < 0 && notify_check(run->listener, call->notif.id) < 0)
		return -ESRCH;
	return rc == -EPERM && !job->complaint[0]
		? job_refuse(job, EPERM, "the program made itself unreadable") : rc;
}

int perform_take_socket(struct demi_run *run, struct call *call, struct job *job)
{
	const struct shape *shape = perform_shape(call->notif.syscall_nr);

	if (!shape->fd)
		return -1;
	pid_t tid = (pid_t)call->notif.pid, pid, parent;
	int theirs = (int)call->notif.args[shape->fd - 1];
	AUTO_FD fd = kernel_getfd(tid, tid, theirs);
	if (fd == -EINVAL && procfs_ids(tid, &pid, &parent) == 0)
		fd = kernel_getfd(tid, pid, theirs);
	/* asked after: it was that thread's */
	if (notify_check(run->listener, call->notif.id) < 0)
		return -ESRCH;
	if (fd < 0 && fd != -EBADF)
		return job_refuse(job, EACCES, "the program's socket cannot be had");
	return fd < 0 ? fd : fd_take(&fd);
}
