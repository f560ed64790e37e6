/* What rules about files and ports leave open, refused by a filter of its own. */
#ifndef DEMI_GUARD_H
#define DEMI_GUARD_H

#include "grants.h"
#include "sandbox.h"

#include <linux/filter.h>

/* No program if there is nothing to refuse. Owner: the caller frees out->filter. */
int guard_filter(struct demi_sandbox *sb, const struct grants *grants,
		 struct sock_fprog *out);

#endif
