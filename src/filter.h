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

/* What is made of a program: code for the kernel, or text for people. One of the two. */
struct filter_sink {
	struct sock_fprog *program;
	char **text;
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
 * Owner: the caller frees the filter, or the text; NULL on failure.
 */
int filter_build(const struct filter_call *calls, size_t n, struct filter_sink out,
		 struct why *why);

/*
 * filter_deny - a program that gives the calls that match a rule its errno, and
 * ENOSYS to every number from unknown_from on; else as filter_build()
 *
 * Stacked beside the notifying program it wins whatever a handler says, seccomp(2):
 * one program with both would not (libseccomp lets NOTIFY swallow a conditional ERRNO).
 */
int filter_deny(const struct refusal *refusals, size_t n, int unknown_from,
		struct filter_sink out, struct why *why);

/* An empty program, or NULL */
void filter_clear(struct filter_sink out);

#endif
