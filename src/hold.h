/* The calls that have no answer yet because their handler held them. */
#ifndef DEMI_HOLD_H
#define DEMI_HOLD_H

#include "run.h"

/* No time comes after this one. */
#define HOLD_FOR_EVER UINT64_MAX

/*
 * hold_add - hold a copy of call; takes the descriptor of act. The caller has the lock.
 *
 * Returns 0, or -EAGAIN: too many are held, or memory is short.
 */
int hold_add(struct demi_run *run, struct call *call, struct demi_action *act);

/* Takes a held call out; NULL if there is none with this id. The caller has the lock. */
struct call *hold_take(struct demi_run *run, uint64_t id);

/* Takes out one that was held for longer than the limit, or NULL. The same. */
struct call *hold_take_expired(struct demi_run *run, uint64_t now);

/* Takes out one whose time has come, or NULL; *next is when the next one's comes. */
struct call *hold_take_due(struct demi_run *run, uint64_t now, uint64_t *next);

/* Takes out one whose descriptor is ready, or NULL. The same. */
struct call *hold_take_ready(struct demi_run *run);

void hold_free(struct demi_run *run);

#endif
