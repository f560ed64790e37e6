/* The failures of handlers, each distinct one kept once and counted. */
#ifndef DEMI_COMPLAIN_H
#define DEMI_COMPLAIN_H

#include "run.h"

/* Takes message and traceback, which may be NULL. The caller holds the lock. */
void complain(struct demi_run *run, const struct call *call, const char *outcome,
	      char *message, char *traceback);

/* Tells the sandbox's on_error what it has not heard; on the server's thread. */
void complain_aloud(struct demi_run *run);

void complain_free(struct demi_run *run);

#endif
