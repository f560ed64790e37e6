/* One conjunction of masked comparisons, which is all that a filter is built of. */
#ifndef DEMI_RULE_H
#define DEMI_RULE_H

#include <stdint.h>

/* Holds when (args[i] & mask[i]) == value[i] for all six; a mask of 0 always does. */
struct rule {
	uint64_t mask[6];
	uint64_t value[6];
};

#endif
