/* What rules about files and ports leave open, refused by a filter of its own. */
#ifndef DEMI_GUARD_H
#define DEMI_GUARD_H

#include "filter.h"
#include "grants.h"
#include "refusal.h"
#include "sandbox.h"

#define GUARD_MOST 36		/* refusals, all lists together */

/* What is refused; how many. */
size_t guard_refusals(const struct demi_sandbox *sb, const struct grants *grants,
		      struct refusal out[GUARD_MOST]);

/*
 * No program if there is nothing to refuse, or if sb explains: then the refusals are
 * notified. Owner: the caller frees what is in out.
 */
int guard_filter(struct demi_sandbox *sb, const struct grants *grants,
		 struct filter_sink out);

#endif
