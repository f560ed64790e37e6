/* The ops, and what they work with: in a performer, or in the server. */
#ifndef DEMI_PERFORM_WORKER_H
#define DEMI_PERFORM_WORKER_H

#include "beneath.h"
#include "job.h"

/*
 * What a path led to when it was last opened, a hint: a regular file or a directory of
 * a local file system, which may be opened again without a look at it before.
 */
struct hint {
	uint64_t path;			/* a hash */
	dev_t device;
	ino_t inode;
};
enum { HINTS = 256 };

/* What one job may use while it runs, in the process that performs it. */
struct worker {
	struct job *job;
	int proc;			/* O_PATH of /proc */
	int own_fds;			/* O_PATH of our own /proc/self/fd */
	int given;			/* a descriptor of the program, or -1 */
	int held;			/* what must stay open until the call is done, or -1 */
	bool has_own_numbers;		/* of processes: job->tid is good for proc only */
	bool needs_process;		/* job->process */
	bool must_not_wait;		/* -EAGAIN instead of waiting for a disk or a peer */
	struct hint *hints;		/* HINTS of them, with must_not_wait */
	const struct beneath *beneath;	/* rules that the program has and we do not, or NULL */
	bool sees_more;			/* in /proc, than the program: nothing is found there */
};

enum job_op {
	OP_NONE = 0,
	OP_OPEN, OP_STAT, OP_STATX, OP_ACCESS, OP_READLINK,
	OP_UNLINK, OP_MKDIR, OP_MKNOD, OP_RENAME, OP_LINK, OP_SYMLINK,
	OP_CHMOD, OP_CHOWN, OP_TRUNCATE, OP_UTIMENS,
	OP_CONNECT, OP_BIND, OP_SENDTO,
	OP_GETRANDOM, OP_CLOCK_GETTIME, OP_UNAME,
	OP_LOOK,		/* only says where its path leads; is never performed */
	N_OPS,
};

/*
 * One per op. Returns what the kernel would: a value, or -errno. An open returns a
 * descriptor of this process, which is the caller's then.
 */
int64_t job_open(struct worker *w);
int64_t job_stat(struct worker *w);
int64_t job_statx(struct worker *w);
int64_t job_access(struct worker *w);
int64_t job_readlink(struct worker *w);
int64_t job_unlink(struct worker *w);
int64_t job_mkdir(struct worker *w);
int64_t job_mknod(struct worker *w);
int64_t job_rename(struct worker *w);
int64_t job_link(struct worker *w);
int64_t job_symlink(struct worker *w);
int64_t job_chmod(struct worker *w);
int64_t job_chown(struct worker *w);
int64_t job_truncate(struct worker *w);
int64_t job_utimens(struct worker *w);
int64_t job_connect(struct worker *w);
int64_t job_bind(struct worker *w);
int64_t job_sendto(struct worker *w);
int64_t job_getrandom(struct worker *w);
int64_t job_clock_gettime(struct worker *w);
int64_t job_uname(struct worker *w);
int64_t job_look(struct worker *w);

#endif
