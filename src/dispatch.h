/* The chain of handlers, the exception policy, the answer. */
#ifndef DEMI_DISPATCH_H
#define DEMI_DISPATCH_H

#include "run.h"

/* Asks the handlers from call->next on and answers, or moves a copy to the held. */
void dispatch(struct demi_run *run, struct call *call);

/*
 * dispatch_again - queue a call that was held: the handler that held it is asked again
 *
 * Takes call. The caller holds the lock.
 */
void dispatch_again(struct demi_run *run, struct call *call);

/*
 * dispatch_by_policy - decide a call whose handler cannot: the policies of the
 * handler that was asked and, while they say continue, of those after it
 *
 * For the sentry. The caller holds the lock and has made sure that nobody else
 * will answer.
 */
void dispatch_by_policy(struct demi_run *run, struct call *call, const char *message);

/*
 * dispatch_performed - the call was made for the program: tell the handler, answer
 *
 * Takes what act owns. result is as the kernel gives it.
 */
void dispatch_performed(struct demi_run *run, struct call *call, struct demi_action *act,
			int64_t result);

/* One line for the errors of the run about a call that was refused. */
void dispatch_complain(struct demi_run *run, const struct call *call, const char *message);

/* Ends the run for a reason; the first one counts. The caller holds the lock. */
void dispatch_end(struct demi_run *run, enum demi_reason cause);

/*
 * dispatch_touch - the program's memory is going to be read or written for a call that a
 * handler decided: that can take for ever, so the handler's limit holds for it, too
 *
 * false: the call is answered already, or the run ends. Else dispatch_claim() follows.
 */
bool dispatch_touch(struct demi_run *run, struct call *call);

/* The decision is ours from here on, unless the sentry had to make it: false. */
bool dispatch_claim(struct demi_run *run, struct call *call);

#endif
