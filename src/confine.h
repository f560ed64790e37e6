/* The static layer of a sandbox: which calls the kernel refuses by itself. */
#ifndef DEMI_CONFINE_H
#define DEMI_CONFINE_H

#include "sandbox.h"

#include <linux/filter.h>

/* confine_filter - the deny program of sb; the caller frees out->filter */
int confine_filter(struct demi_sandbox *sb, struct sock_fprog *out);

/* confine_check - may a handler be bound to nr? 0, or -EPERM and why not */
int confine_check(struct demi_sandbox *sb, int nr);

/* The first number that neither libseccomp nor the list knows: ENOSYS from there on. */
int confine_unknown_from(void);

/* frees what the setters collected */
void confine_free(struct demi_sandbox *sb);

#endif
