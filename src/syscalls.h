/* What src/tables.lua makes of src/calls.def. */
#ifndef DEMI_SYSCALLS_H
#define DEMI_SYSCALLS_H

#include <demilune.h>

struct syscall {
	char name[24];		/* "": no call that we know */
	uint16_t first_arg;	/* in syscalls_args */
	uint8_t n_args;
	uint8_t paths;		/* bit i: argument i, from 0, is a path */
	uint8_t is_fragile;
};

extern const struct demi_arg syscalls_args[];
extern const struct syscall syscalls_known[DEMI_SYSCALL_END];	/* by number */
extern const struct syscall syscalls_newer[];	/* than the headers; "" ends it */
extern const struct demi_constants syscalls_sets[];		/* NULL ends it */

#endif
