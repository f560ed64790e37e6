/* The set of notified calls, as a seccomp program. */
#ifndef DEMI_FILTER_H
#define DEMI_FILTER_H

#include "fail.h"

#include <linux/filter.h>
#include <stddef.h>

/*
 * filter_build - a program that notifies n calls, allows all others, and kills
 * what comes through another architecture's table (x32 included)
 *
 * Owner: the caller frees out->filter; NULL on failure.
 */
int filter_build(const int *nrs, size_t n, struct sock_fprog *out, struct why *why);

#endif
