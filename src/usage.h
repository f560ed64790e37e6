/* What a run uses up, all its processes together, against its limits. */
#ifndef DEMI_USAGE_H
#define DEMI_USAGE_H

#include "run.h"

/* usage_limit - what the kernel can do for the limits: into plan, and groups of run */
void usage_limit(struct demi_run *run, struct child_plan *plan);

/*
 * usage_look - look if it is time to; ends the run when it is over a limit
 *
 * Only the sentry calls it, without the lock.
 */
void usage_look(struct demi_run *run);

/* usage_wait_ms - until the next look, or -1: there is nothing to look at */
int usage_wait_ms(const struct demi_run *run);

/*
 * usage_blame - the limits that the kernel keeps end a program by a signal of their
 * own: does that of result mean one? Then that is the reason.
 */
void usage_blame(const struct demi_run *run, struct demi_result *result);

#endif
