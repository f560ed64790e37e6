/* Which calls of a sandbox have a handler that wants them, or are refused by notice. */
#ifndef DEMI_WATCHED_H
#define DEMI_WATCHED_H

#include "filter.h"
#include "refusal.h"
#include "sandbox.h"

struct watched {
	struct demi_sandbox *sb;
	bool performs;
	const struct refusal *refusals;	/* of a run that explains */
	size_t n_refusals;
};

/*
 * watched_filter - the program that notifies them; an empty one if there are none
 *
 * A run that performs also sees what may change who a thread is or what its paths mean;
 * one that explains, what the static layer refuses.
 *
 * Owner: the caller frees what is in out; NULL on failure.
 */
int watched_filter(const struct watched *watched, struct filter_sink out);

#endif
