/* Which calls of a sandbox have a handler that wants them. */
#ifndef DEMI_WATCHED_H
#define DEMI_WATCHED_H

#include "sandbox.h"

#include <linux/filter.h>

/*
 * watched_filter - the program that notifies them; an empty one if there are none
 *
 * sees_views  also what may change who a thread is or what its paths mean
 *
 * Owner: the caller frees out->filter; NULL on failure.
 */
int watched_filter(struct demi_sandbox *sb, bool sees_views, struct sock_fprog *out);

#endif
