/* A received call that has no answer yet: where it lives, and its end. */
#ifndef DEMI_CALL_H
#define DEMI_CALL_H

#include "sandbox.h"
#include "snapshot.h"

struct call {
	struct demi_notif notif;
	size_t next;			/* the link of its chain to ask next */
	const struct link *asked;	/* whose handler runs, or holds it */
	bool is_answered;		/* the sentry decided it */
	uint64_t since_ms;		/* when it was queued */
	uint64_t held_since_ms;		/* when it was held first, or 0 */
	int wake_fd;			/* of a held call: owned; -1 for none */
	uint64_t wake_at_ms;		/* of a held call: when its handler is asked again */
	bool is_ready;			/* it is asked again because of wake_fd */
	struct snapshot seen;		/* owned: what was read of its memory */
	uint64_t readers;		/* links that read memory: bit i is link i, from 0 */
	char *real[2];			/* owned: where its paths led when they were decided on */
	int real_error[2];		/* or why that cannot be said, negated */
	struct call *sibling;		/* in the queue, or among the held */
};

/* Moves a call to the heap; NULL: no memory, and it stays where it is. */
struct call *call_keep(struct call *call);
void call_free(struct call *call);
void call_drop(struct call *call);	/* what it owns */

#endif
