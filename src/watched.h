/* Which calls of a sandbox have a handler that wants them, or are refused by notice. */
#ifndef DEMI_WATCHED_H
#define DEMI_WATCHED_H

#include "run.h"

#include <linux/filter.h>

/*
 * watched_filter - the program that notifies them; an empty one if there are none
 *
 * A run that performs also sees what may change who a thread is or what its paths mean;
 * one that explains, what the static layer refuses.
 *
 * Owner: the caller frees out->filter; NULL on failure.
 */
int watched_filter(struct demi_run *run, struct sock_fprog *out);

#endif
