/*
 * Names, numbers and arguments of the system calls of this architecture: the table
 * made of src/calls.def, and libseccomp's names for what is not in it. No number is
 * written here.
 */
#include "syscalls.h"

#include <errno.h>
#include <pthread.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>

/* What the headers do not have, by libseccomp: filled when it is first asked for. */
static struct {
	const char *name;
	const struct syscall *call;
} others[DEMI_SYSCALL_END];
static pthread_once_t others_once = PTHREAD_ONCE_INIT;

static const struct syscall *newer(const char *name)
{
	const struct syscall *call = syscalls_newer;

	while (call->name[0] && strcmp(call->name, name) != 0)
		call++;
	return call->name[0] ? call : NULL;
}

static void fill(void)
{
	for (int nr = 0; nr < DEMI_SYSCALL_END; nr++) {
		if (syscalls_known[nr].name[0])
			continue;
		const char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
		others[nr].name = name;
		others[nr].call = name ? newer(name) : NULL;
	}
}

static const struct syscall *find(int nr)
{
	if (nr < 0 || nr >= DEMI_SYSCALL_END)
		return NULL;
	if (syscalls_known[nr].name[0])
		return &syscalls_known[nr];
	pthread_once(&others_once, fill);
	return others[nr].call;
}

/* Numbers below 0 are libseccomp's for calls that do not exist here. */
int demi_syscall_number(const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);

	return 0 <= nr && nr < DEMI_SYSCALL_END ? nr : -ENOENT;
}

const char *demi_syscall_name(int nr)
{
	const struct syscall *call = find(nr);

	if (call)
		return call->name;
	return 0 <= nr && nr < DEMI_SYSCALL_END ? others[nr].name : NULL;
}

int demi_syscall_fragile(int nr)
{
	const struct syscall *call = find(nr);

	return call ? call->is_fragile : 0;
}

unsigned int demi_syscall_paths(int nr)
{
	const struct syscall *call = find(nr);

	return call ? call->paths : 0;
}

const struct demi_arg *demi_syscall_args(int nr, size_t *n)
{
	const struct syscall *call = find(nr);

	*n = call ? call->n_args : 0;
	return call ? &syscalls_args[call->first_arg] : NULL;
}

int64_t demi_arg_value(enum demi_type type, uint64_t reg)
{
	switch (type) {
	case DEMI_TYPE_INT:
		return (int32_t)reg;
	case DEMI_TYPE_UINT:
		return (uint32_t)reg;
	default:
		return (int64_t)reg;
	}
}

const struct demi_constants *demi_constants_find(const char *name)
{
	const struct demi_constants *set = syscalls_sets;

	while (set->name && strcmp(set->name, name) != 0)
		set++;
	return set->name ? set : NULL;
}

int demi_constant_value(const char *name, int64_t *value)
{
	for (const struct demi_constants *set = syscalls_sets; set->name; set++) {
		bool is_signed = strcmp(set->name, "special") == 0;
		for (const struct demi_constant *one = set->list; one->name[0]; one++) {
			if (strcmp(one->name, name) != 0)
				continue;
			*value = is_signed ? (int64_t)(int32_t)one->value : (int64_t)one->value;
			return 0;
		}
	}
	return -ENOENT;
}
