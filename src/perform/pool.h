/* The jobs of a run, as the server keeps them. Slots belong to the server's thread;
 * the sentry looks at them under the run's lock. */
#ifndef DEMI_PERFORM_POOL_H
#define DEMI_PERFORM_POOL_H

#include "beneath.h"
#include "perform.h"

#include "../run.h"

/* A call that is being performed. */
struct performing {
	bool is_used;
	uint64_t id;
	struct call *call;	/* owned; NULL: only a path is looked for */
	struct demi_action act;	/* owned */
	int socket;		/* of the program, or -1 */
	uint64_t since_ms;
};

struct perform {
	struct jobs *jobs;
	struct performing performing[JOBS_MAX];
	unsigned int n_busy, n_slots;	/* slots from n_slots on were never used */
	unsigned int n_forked;
	struct performer_plan plan;	/* the child's ends, until it has them */
	int control, requests, proc, own_fds;
	bool is_elsewhere;	/* the program is in namespaces of its own */
	struct beneath *beneath;	/* owned; NULL: no ruleset is about its files */
	pid_t first;		/* the first performer, as proc shows it; 0: not known yet */
	bool is_based, is_base_changed;	/* what all threads are as long as nothing changes it */
	struct view base;
	bool checks_view;	/* a call was seen that may have changed who a thread is */
	bool checks_places;	/* or what it sees */
	_Atomic bool is_alone;	/* all performers are gone */
	bool is_known;		/* is_same is, of this thread: */
	pthread_t server;
	bool is_same;		/* but for capabilities the program is what the server is */
	bool sees_more;		/* of other processes */
	bool lowers;		/* the server must let capabilities go before, down to these: */
	uint64_t effective;
	bool is_permitted_more;	/* of files */
	struct hint hints[HINTS];
	struct job own;		/* what the server does itself */
};

/* A slot that nobody uses, or -EAGAIN. */
int pool_take_slot(struct perform *p);

/* Gives p->own to a performer. Takes call, act and socket. */
void pool_start(struct demi_run *run, unsigned int slot, struct call *call,
		struct demi_action *act, int socket);

/* The job in a slot goes to a performer. */
void pool_hand_over(struct demi_run *run, unsigned int slot);

/* The same for a job that one could not do; it may have to know more. */
void pool_again(struct demi_run *run, unsigned int slot);

/* One performer for each job that waits or runs. */
void pool_fork(struct perform *p);

/* A text that a performer wrote into what it shares with us, which may be anything. */
void pool_copy_text(char *dst, const char *text, size_t cap);

/* What came of a job goes to the program. Takes what act owns. */
void pool_answer(struct demi_run *run, struct call *call, struct demi_action *act,
		 struct job *job);

#endif
