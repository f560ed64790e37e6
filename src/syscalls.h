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

/* How the value of an argument is shown. */
enum spelled {
	SPELL_OTHER,		/* memory, or it depends on other arguments */
	SPELL_ADDRESS, SPELL_DECIMAL, SPELL_UNSIGNED, SPELL_HEX, SPELL_DIRFD, SPELL_UID,
	SPELL_MODE, SPELL_FMODE, SPELL_SIGNAL, SPELL_STATX, SPELL_ENUM, SPELL_FLAGS,
	SPELL_STRING,
};

struct spelling {
	uint8_t how;		/* enum spelled */
	uint8_t set;		/* in syscalls_sets */
};

struct kind {
	const char *name;
	struct spelling spelling;
	uint8_t type;		/* enum demi_type */
};

extern const struct demi_arg syscalls_args[];
extern const struct spelling syscalls_spellings[];	/* of syscalls_args */
extern const struct kind syscalls_kinds[];		/* NULL ends it */
extern const struct syscall syscalls_known[DEMI_SYSCALL_END];	/* by number */
extern const struct syscall syscalls_newer[];	/* than the headers; "" ends it */
extern const struct demi_constants syscalls_sets[];		/* NULL ends it */

#endif
