/* A call as text, as strace's users know it: openat(AT_FDCWD, "/etc/hosts", O_RDONLY). */
#include "spell.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

/* open(2) takes a mode only where it may make a file */
static bool is_taken(const struct demi_arg *arg, const uint64_t *regs)
{
	if (strcmp(arg->kind, "mode") != 0 || arg->refs[0] < 0)
		return true;
	uint64_t flags = regs[arg->refs[0]];
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

static void add_argument(struct text *text, struct demi_mem *mem,
			 const struct demi_arg *arg, uint64_t reg)
{
	const struct spelling *how = &syscalls_spellings[arg - syscalls_args];
	char string[PATH_MAX];
	ssize_t n = -EFAULT;

	if (how->how == SPELL_STRING && reg)
		n = demi_mem_read_cstr(mem, reg, string, sizeof string);
	if (n >= 0)
		spell_string(text, string, (size_t)n);
	else
		spell_number(text, how, (enum demi_type)arg->type, reg);
}

static bool is_plain(const struct demi_arg *args, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (syscalls_spellings[&args[i] - syscalls_args].how == SPELL_OTHER)
			return false;
	return args != NULL;
}

ssize_t demi_mem_call_text(struct demi_mem *mem, const struct demi_notif *notif, char *dst,
			   size_t cap)
{
	struct text text = { .dst = dst, .cap = cap };
	const char *separator = "";
	size_t n;
	const struct demi_arg *args = demi_syscall_args(notif->syscall_nr, &n);

	if (!is_plain(args, n))
		return -ENOTSUP;
	spell_words(&text, demi_syscall_name(notif->syscall_nr));
	spell_words(&text, "(");
	for (size_t i = 0; i < n; i++) {
		if (!is_taken(&args[i], notif->args))
			continue;
		spell_words(&text, separator);
		add_argument(&text, mem, &args[i], notif->args[i]);
		separator = ", ";
	}
	spell_words(&text, ")");
	return spell_end(&text);
}

ssize_t demi_number_text(const char *kind, uint64_t reg, char *dst, size_t cap)
{
	struct text text = { .dst = dst, .cap = cap };
	const struct kind *known = syscalls_kinds;

	while (known->name && strcmp(known->name, kind) != 0)
		known++;
	if (!known->name)
		return -ENOENT;
	spell_number(&text, &known->spelling, (enum demi_type)known->type, reg);
	return spell_end(&text);
}

ssize_t demi_bytes_text(const void *bytes, size_t n, char *dst, size_t cap)
{
	struct text text = { .dst = dst, .cap = cap };

	spell_string(&text, bytes, n);
	return spell_end(&text);
}
