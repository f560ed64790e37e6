/*
 * Numbers and strings as strace(1) shows them: flags by their names, an address in hex,
 * bytes quoted as in C.
 */
#include "spell.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void add(struct text *text, const char *bytes, size_t n)
{
	if (text->n < text->cap && n <= text->cap - text->n)
		memcpy(text->dst + text->n, bytes, n);
	text->n += n;
}

void spell_words(struct text *text, const char *words)
{
	add(text, words, strlen(words));
}

enum { DIGITS_MAX = 32 };	/* of one number: 23 octal digits at most */

static void add_decimal(struct text *text, int64_t number)
{
	char digits[DIGITS_MAX];

	add(text, digits, (size_t)snprintf(digits, sizeof digits, "%" PRId64, number));
}

static void add_unsigned(struct text *text, uint64_t number)
{
	char digits[DIGITS_MAX];

	add(text, digits, (size_t)snprintf(digits, sizeof digits, "%" PRIu64, number));
}

static void add_hex(struct text *text, uint64_t number)
{
	char digits[DIGITS_MAX] = "0";
	int n = number ? snprintf(digits, sizeof digits, "0x%" PRIx64, number) : 1;

	add(text, digits, (size_t)n);
}

static void add_octal(struct text *text, uint64_t number)
{
	char digits[DIGITS_MAX];

	add(text, digits, (size_t)snprintf(digits, sizeof digits, "%#03" PRIo64, number));
}

/* An octal escape is as short as what follows lets it be. */
static void add_escaped(struct text *text, unsigned char c, bool digit_follows)
{
	static const char letters[] = "abtnvfr";	/* from '\a', 7; \a and \b stay octal */
	char escape[8] = { '\\', (char)c };

	if ('\t' <= c && c <= '\r')
		escape[1] = letters[c - '\a'];
	else if (c != '"' && c != '\\')
		snprintf(escape, sizeof escape, digit_follows ? "\\%03o" : "\\%o", c);
	spell_words(text, escape);
}

void spell_string(struct text *text, const char *bytes, size_t n)
{
	size_t from = 0;

	add(text, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (' ' <= c && c <= '~' && c != '"' && c != '\\')
			continue;
		add(text, bytes + from, i - from);
		from = i + 1;
		add_escaped(text, c, from < n && '0' <= bytes[from] && bytes[from] <= '9');
	}
	add(text, bytes + from, n - from);
	add(text, "\"", 1);
}

/* NULL for a value without a name */
static const char *name_of(const struct demi_constants *set, uint32_t value)
{
	const struct demi_constant *one = set->list;

	while (one->name[0] && one->value != value)
		one++;
	return one->name[0] ? one->name : NULL;
}

/* the part of a sum that is one of several, as the access mode of open(2) */
static const char *enumerated(const struct demi_constants *set, uint32_t value)
{
	for (const struct demi_constant *one = set->list; one->name[0]; one++)
		if (one->value == (value & set->enum_mask) && !(one->value & ~set->enum_mask))
			return one->name;
	return NULL;
}

enum { WORDS_MAX = 64 };	/* flags within 32 bits, and sums of them that have names */

/*
 * The flags that a sum holds, many bits first, so that O_SYNC is not taken for O_DSYNC;
 * of equal values the first name comes first.
 */
static size_t find_flags(const struct demi_constants *set, uint32_t value,
			 const struct demi_constant **found)
{
	size_t n = 0, at;

	for (const struct demi_constant *one = set->list; one->name[0] && n < WORDS_MAX; one++) {
		if (!one->value || one->value & set->enum_mask || one->value & ~value)
			continue;
		for (at = n++; at > 0; at--) {
			if (__builtin_popcount(found[at - 1]->value)
			    >= __builtin_popcount(one->value))
				break;
			found[at] = found[at - 1];
		}
		found[at] = one;
	}
	return n;
}

/* Leaves those of found that make up the sum, by value. Returns what has no name. */
static uint32_t take_flags(const struct demi_constant **found, size_t *n, uint32_t value)
{
	size_t taken = 0, at;

	for (size_t i = 0; i < *n; i++) {
		const struct demi_constant *one = found[i];
		if (one->value & ~value)
			continue;
		value &= ~one->value;
		for (at = taken++; at > 0 && found[at - 1]->value > one->value; at--)
			found[at] = found[at - 1];
		found[at] = one;
	}
	*n = taken;
	return value;
}

static void add_word(struct text *text, size_t start, const char *word)
{
	if (text->n > start)
		add(text, "|", 1);
	spell_words(text, word);
}

/* "O_RDWR|O_CREAT|0x40000000"; what has no name is hex */
static void add_flags(struct text *text, const struct demi_constants *set, uint32_t value)
{
	const struct demi_constant *found[WORDS_MAX];
	const char *first = set->enum_mask ? enumerated(set, value) : NULL;
	size_t start = text->n;

	if (first) {
		spell_words(text, first);
		value &= ~set->enum_mask;
	}
	size_t n = find_flags(set, value, found);
	uint32_t rest = take_flags(found, &n, value);
	for (size_t i = 0; i < n; i++)
		add_word(text, start, found[i]->name);
	if (rest) {
		add_word(text, start, "");
		add_hex(text, rest);
	}
	if (text->n == start)
		spell_words(text, name_of(set, 0) ? name_of(set, 0) : "0");
}

static void add_fmode(struct text *text, const struct demi_constants *set, uint32_t mode)
{
	const char *type = name_of(set, mode & S_IFMT);

	if (type) {
		spell_words(text, type);
		add(text, "|", 1);
		mode &= ~(uint32_t)S_IFMT;
	}
	add_octal(text, mode);
}

/* strace names both of the bits that say how to ask the server, statx(2) */
static void add_statx_flags(struct text *text, const struct demi_constants *set,
			    uint32_t value)
{
	if (!(value & AT_STATX_SYNC_TYPE)) {
		spell_words(text, "AT_STATX_SYNC_AS_STAT");
		if (!value)
			return;
		add(text, "|", 1);
	}
	add_flags(text, set, value);
}

static void add_signal(struct text *text, int32_t sig)
{
	const char *name = 0 < sig && sig < NSIG ? sigabbrev_np(sig) : NULL;

	if (!name)
		return add_decimal(text, sig);
	spell_words(text, "SIG");
	spell_words(text, name);
}

void spell_number(struct text *text, const struct spelling *how, enum demi_type type,
		  uint64_t reg)
{
	const struct demi_constants *set = &syscalls_sets[how->set];
	int64_t number = demi_arg_value(type, reg);
	uint64_t value = (uint64_t)number;
	const char *name;

	switch ((enum spelled)how->how) {
	case SPELL_DECIMAL:
		return add_decimal(text, number);
	case SPELL_UNSIGNED:
		return add_unsigned(text, value);
	case SPELL_HEX:
		return add_hex(text, value);
	case SPELL_DIRFD:
		if ((int32_t)reg == AT_FDCWD)
			return spell_words(text, "AT_FDCWD");
		return add_decimal(text, number);
	case SPELL_UID:
		return add_decimal(text, (uint32_t)reg == UINT32_MAX ? -1 : number);
	case SPELL_MODE:
		return add_octal(text, value);
	case SPELL_FMODE:
		return add_fmode(text, set, (uint32_t)reg);
	case SPELL_SIGNAL:
		return add_signal(text, (int32_t)reg);
	case SPELL_STATX:
		return add_statx_flags(text, set, (uint32_t)reg);
	case SPELL_ENUM:
		name = name_of(set, (uint32_t)reg);
		return name ? spell_words(text, name) : add_hex(text, value);
	case SPELL_FLAGS:
		return add_flags(text, set, (uint32_t)reg);
	case SPELL_STRING:
	case SPELL_ADDRESS:
	case SPELL_OTHER:
		break;
	}
	if (reg)
		add_hex(text, reg);
	else
		spell_words(text, "NULL");
}

ssize_t spell_end(struct text *text)
{
	if (text->n >= text->cap)
		return -ENAMETOOLONG;
	text->dst[text->n] = '\0';
	return (ssize_t)text->n;
}
