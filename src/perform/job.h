/*
 * One call as it is performed: the private copy of its arguments, and what came of
 * it. It lies in memory that the server shares with the performers, so there is no
 * pointer in it.
 */
#ifndef DEMI_PERFORM_JOB_H
#define DEMI_PERFORM_JOB_H

#include "view.h"

#include <limits.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

enum job_state {
	JOB_FREE = 0,
	JOB_SENT,		/* the server filled it */
	JOB_RUNNING,		/* a performer works on it, and may be killed */
	JOB_ANSWERING,		/* a performer answers, and must not be killed */
	JOB_CANCELLED,		/* its performer is being killed */
	JOB_ANSWERED,		/* the performer answered; nobody has to be told */
	JOB_DONE,		/* the server has to answer */
	JOB_NEEDS_PROCESS,	/* the performer has to know the caller's process */
	JOB_ELSEWHERE,		/* that performer is someone else by now: another must do it */
	JOB_DIED,		/* the performer was killed */
};

enum { JOB_OUT_MAX = 4096, JOB_BODY_MAX = 65536 };

struct job {
	_Atomic uint32_t state;		/* enum job_state */
	_Atomic pid_t performer;
	uint64_t id;			/* of the notification */
	pid_t tid;
	uint8_t op;			/* enum job_op of worker.h */
	bool is_changed;		/* the caller is what view says, not what the program was */
	struct view view;
	mode_t umask;			/* where a file is made */
	pid_t process;			/* of the caller, or 0: not known yet */
	bool wants_result;		/* the server answers, whatever comes */

	/* the arguments; which is which says table.c */
	uint64_t arg[3];
	int32_t dir[2];
	bool has_path[2];
	bool has_input;
	uint8_t wants_real;		/* 1 or 2: only say where that path leads */
	bool has_real[2];		/* what was decided on; elsewhere nothing is done */
	union {
		struct open_how how;
		struct timespec times[2];
		struct sockaddr_storage address;
	} input;
	uint32_t input_len;
	uint64_t body_len;		/* of a message */
	bool is_cut;			/* the message has more */

	/* the result */
	int64_t result;			/* as the kernel gives it: -4095..-1 is an errno */
	uint32_t fd_flags;
	uint64_t out_addr;
	uint32_t out_len;
	char complaint[160];		/* why it could not be performed faithfully, or "" */
	char path[2][PATH_MAX];
	char real[2][PATH_MAX];
	union {
		char bytes[JOB_OUT_MAX];
		uint64_t align;
	} out;
	char body[JOB_BODY_MAX];	/* last: its pages are touched by messages only */
};

/* Says why the call cannot be done as the program would; returns -error. */
int job_refuse(struct job *job, int error, const char *why);

#endif
