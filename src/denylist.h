/* What a confined program never needs and an attacker does, each with its reason. */
#ifndef DEMI_DENYLIST_H
#define DEMI_DENYLIST_H

#include "refusal.h"

#include <stddef.h>

struct denial {
	const char *call;
	const char *family;	/* "%mount": what lifts it together with its like */
	const char *when;	/* the condition in words, or NULL: always */
	const char *reason;
	int error;
	struct refusal_arg args[REFUSAL_ARGS];
};

/* Always on, unless its call or its family is allowed by name. */
extern const struct denial denylist[];
extern const size_t denylist_len;

/* The kinds of sockets, when only named ones are allowed: bits of enum demi_socket. */
struct socket_denial {
	unsigned int unless;	/* any of these kinds is allowed */
	struct denial denial;
};
extern const struct socket_denial socket_denylist[];
extern const size_t socket_denylist_len;

/* The newest call that was looked at for this list: what has a higher number is
 * not known to it. */
extern const char denylist_newest[];

#endif
