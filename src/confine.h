/* The static layer of a sandbox: which calls the kernel refuses by itself. */
#ifndef DEMI_CONFINE_H
#define DEMI_CONFINE_H

#include "filter.h"
#include "refusal.h"
#include "sandbox.h"

/*
 * confine_filter - the deny program of sb; the caller frees what is in out
 *
 * If sb explains, it only kills and refuses what is unknown: confine_refusals() are
 * notified then.
 */
int confine_filter(struct demi_sandbox *sb, struct filter_sink out);

/*
 * confine_refusals - what that program refuses, as a list that the caller frees
 *
 * Of two entries that hold for a call the first counts.
 */
int confine_refusals(struct demi_sandbox *sb, struct refusal **out, size_t *n);

/* confine_check - could this handler ever be asked about nr? 0, or -EPERM and why not */
int confine_check(struct demi_sandbox *sb, int nr, const struct demi_handler *handler);

/* The first number that neither libseccomp nor the list knows: ENOSYS from there on. */
int confine_unknown_from(void);

/* frees what the setters collected */
void confine_free(struct demi_sandbox *sb);

#endif
