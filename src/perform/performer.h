/* The processes that make calls for the program. */
#ifndef DEMI_PERFORM_PERFORMER_H
#define DEMI_PERFORM_PERFORMER_H

#include "worker.h"

enum { JOBS_MAX = 256 };

/* What the server and the performers share. */
struct jobs {
	_Atomic uint32_t n_dead;	/* performers that ended */
	_Atomic uint32_t n_idle;
	struct view view;	/* what the first one, and the program at its start, is */
	struct job job[JOBS_MAX];
};

/* What the server says to the first performer. */
struct performer_order {
	uint32_t kind;
	uint32_t slot;		/* of CANCEL */
	uint64_t id;
};
enum { ORDER_LISTENER = 1, ORDER_FORK, ORDER_CANCEL };

/* What the child needs to make the first performer; all of it is the child's own copy. */
struct performer_plan {
	struct jobs *jobs;
	int control;		/* its end for orders */
	int requests;		/* the end that all performers receive slots from */
	int ready;		/* the server's eventfd */
	int proc;		/* O_PATH of /proc */
};

/*
 * performer_start - called by the child when all but the filter is applied to it
 *
 * ud  a struct performer_plan
 *
 * The performer is a sibling of the program that starts as what the program starts
 * as: its Landlock domain itself, its credentials, namespaces and limits. It never has
 * the filter. Returns 0 or -errno; async-signal-safe.
 */
int performer_start(const void *ud);

/* Runs the op of a job. */
int64_t performer_do(struct worker *w);

#endif
