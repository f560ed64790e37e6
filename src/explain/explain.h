/*
 * A run that explains: what the static layer refused is found out, counted, and told.
 * The deny list is notified and answered here, with the same errno; what Landlock
 * will refuse is judged by judge.c just before the kernel makes the call.
 */
#ifndef DEMI_EXPLAIN_H
#define DEMI_EXPLAIN_H

#include "../grants.h"
#include "../isolation.h"
#include "../refusal.h"
#include "../run.h"
#include "walk.h"

struct explain {
	struct refusal *refusals;
	size_t n_refusals;
	struct grants grants;		/* of the run; its ruleset is closed */
	struct walker who;		/* the program */
	/* shared: under the run's lock */
	struct demi_refused *all;
	size_t n;
	uint64_t left_out;
};

/* explain_prepare - before the filters are made; nothing if the sandbox does not explain */
int explain_prepare(struct demi_run *run, const struct grants *grants);

/*
 * explain_started - the program is there, isolated, and waits in its first execve(2);
 * takes the grants over. 0 or -errno
 */
int explain_started(struct demi_run *run, struct isolation *isolation,
		    const struct child_plan *plan);

/*
 * explain_settle - answer a call that the deny list refuses
 *
 * Returns whether it was answered: then no handler may hear of it. Any thread.
 */
bool explain_settle(struct demi_run *run, const struct demi_notif *notif);

/* explain_note - count a refusal; the strings of what are copied */
void explain_note(struct demi_run *run, const struct demi_refused *what);

void explain_free(struct demi_run *run);

#endif
