/* The rules about paths and ports of a sandbox, as a Landlock ruleset. */
#ifndef DEMI_GRANTS_H
#define DEMI_GRANTS_H

#include "access.h"
#include "fail.h"
#include "landlock.h"
#include "place.h"

#include <stdint.h>

struct grant {
	size_t place;			/* of grants.places */
	unsigned int access;		/* enum landlock_access */
	bool is_whole;			/* nothing beneath it is carved out */
};

/* One rule of the ruleset: what is granted on a file, and on all beneath a directory. */
struct file_rule {
	dev_t dev;
	ino_t ino;
	uint64_t rights;		/* LANDLOCK_ACCESS_FS_* */
};

/* What a run is granted; its places stay open until the program has started. */
struct grants {
	int ruleset;			/* -1: there is nothing to restrict */
	int abi;
	unsigned int missing;		/* bit p: DEMI_PROTECTION p was wanted */
	struct places places, denied;
	struct grant *all;
	size_t n;
	struct landlock_masks masks;	/* what is refused unless it is granted */
	struct file_rule *rules;
	size_t n_rules;
};

/* Looks everything up and builds the ruleset. Owner: grants_free(), on failure too. */
int grants_make(const struct access_rules *rules, struct grants *out, struct why *why);

/* Notes a rule that was, or will be, added to the ruleset. 0 or -ENOMEM. */
int grants_note(struct grants *grants, const struct stat *st, uint64_t rights);

/* What the rules grant on this very file, not on those above it. */
uint64_t grants_rights(const struct grants *grants, const struct stat *st);

void grants_free(struct grants *grants);

#endif
