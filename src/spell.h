/* Numbers and strings as strace(1) shows them, from the tables of src/calls.def. */
#ifndef DEMI_SPELL_H
#define DEMI_SPELL_H

#include "syscalls.h"

/* What is written so far; what does not fit is counted, not written. */
struct text {
	char *dst;
	size_t cap, n;
};

void spell_words(struct text *text, const char *words);

/* bytes quoted as in C */
void spell_string(struct text *text, const char *bytes, size_t n);

/* the number of an argument; for SPELL_STRING and SPELL_OTHER its address */
void spell_number(struct text *text, const struct spelling *how, enum demi_type type,
		  uint64_t reg);

/* Returns the length, or -ENAMETOOLONG; NUL-terminated on success. */
ssize_t spell_end(struct text *text);

#endif
