/* What each kind of action sends to the kernel. */
#ifndef DEMI_ANSWER_H
#define DEMI_ANSWER_H

#include "run.h"

/*
 * answer - send act as the answer of call; neither HOLD nor a tracked injection
 *
 * Returns NULL, or a complaint of what could not be done, which the caller frees;
 * the program got an errno then.
 */
char *answer(struct demi_run *run, const struct call *call, const struct demi_action *act);

/*
 * answer_failed_injection - the program gets the errno rc of an ADDFD that failed
 *
 * Returns as answer(); a full descriptor table is no complaint.
 */
char *answer_failed_injection(int listener, uint64_t id, int rc);

#endif
