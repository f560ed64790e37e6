/* The rules about paths and ports of a sandbox, as a Landlock ruleset. */
#ifndef DEMI_GRANTS_H
#define DEMI_GRANTS_H

#include "access.h"
#include "fail.h"
#include "place.h"

#include <stdint.h>

struct grant {
	size_t place;			/* of grants.places */
	unsigned int access;		/* enum landlock_access */
};

/* What a run is granted; its places stay open until the program has started. */
struct grants {
	int ruleset;			/* -1: there is nothing to restrict */
	int abi;
	unsigned int missing;		/* bit p: DEMI_PROTECTION p was wanted */
	struct places places, denied;
	struct grant *all;
	size_t n;
};

/* Looks everything up and builds the ruleset. Owner: grants_free(), on failure too. */
int grants_make(const struct access_rules *rules, struct grants *out, struct why *why);

void grants_free(struct grants *grants);

#endif
