/* One line of a filter, on plain values: which call, with which arguments, gets which errno. */
#ifndef DEMI_REFUSAL_H
#define DEMI_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A condition on the lower 32 bits of an argument; those are all that the kernel
 * reads of an int, and the program chooses the other half freely.
 */
struct refusal_arg {
	uint8_t arg;		/* 0..5 */
	bool differs;		/* holds when a bit of mask is not as in value, else when all are */
	uint32_t mask;		/* 0: no condition */
	uint32_t value;
};

#define REFUSAL_ARGS 3		/* distinct arguments; only one of them may be a "differs" */

struct denial;

struct refusal {
	int nr;
	int error;		/* 1..4095 */
	struct refusal_arg args[REFUSAL_ARGS];
	const struct denial *entry;	/* of the deny list, or NULL */
	bool is_guard;			/* of guard.c; else denied by name */
};

#endif
