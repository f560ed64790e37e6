/* Seccomp programs: the denied calls, which no handler sees, and the notified ones. */
#ifndef DEMI_FILTER_H
#define DEMI_FILTER_H

#include "fail.h"
#include "refusal.h"
#include "rule.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

/* A call that is notified: always, or when one of the rules holds. */
struct filter_call {
	int nr;
	const struct rule *const *rules;	/* n_rules of them; none: always */
	size_t n_rules;
};

/*
 * filter_can_tell - whether libseccomp makes a program of these rules in a reasonable
 * time; if not, the call is to be notified always and the rules tried by the engine
 */
bool filter_can_tell(const struct rule *const *rules, size_t n);

/*
 * filter_build - a program that notifies n calls, allows all others, and kills
 * what comes through another architecture's table (x32 included)
 *
 * Owner: the caller frees out->filter; NULL on failure.
 */
int filter_build(const struct filter_call *calls, size_t n, struct sock_fprog *out,
		 struct why *why);

/*
 * filter_deny - a program that gives the calls that match a rule its errno, and
 * ENOSYS to every number from unknown_from on; else as filter_build()
 *
 * Stacked beside the notifying program it wins whatever a handler says, seccomp(2):
 * one program with both would not (libseccomp lets NOTIFY swallow a conditional ERRNO).
 */
int filter_deny(const struct refusal *refusals, size_t n, int unknown_from,
		struct sock_fprog *out, struct why *why);

#endif
