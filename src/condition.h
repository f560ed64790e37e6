/* Conditions on arguments: what they mean, and the same in masked comparisons. */
#ifndef DEMI_CONDITION_H
#define DEMI_CONDITION_H

#include "rule.h"
#include <demilune.h>

/*
 * condition_compile - the same as rules, of which one must hold
 *
 * Returns 0, or -EINVAL: a condition that is malformed, or whose value can never be
 *   there; -EDOM: no call can meet them all; -E2BIG: too many rules; -ENOMEM
 * Owner: the caller frees *out; NULL on failure.
 */
int condition_compile(const struct demi_condition *list, size_t n, struct rule **out,
		      size_t *n_out);

#endif
