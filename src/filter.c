/*
 * The set of notified calls, as a seccomp program. libseccomp is the assembler;
 * its loader cannot ask for WAIT_KILLABLE_RECV and keeps one listener a process.
 */
#include "filter.h"

#include "kernel.h"
#include "util.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A binary tree instead of a list: worth it above some 32 calls. */
#define TREE_FROM 32

static void release(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

static unsigned int arguments_of(const struct rule *rule)
{
	unsigned int set = 0;

	for (unsigned int i = 0; i < 6; i++)
		if (rule->mask[i])
			set |= 1U << i;
	return set;
}

/*
 * libseccomp 2.5.4 hangs a rule on every way that an earlier one can fail: with rules
 * over different arguments that grows without bound. Of 2,000 random sets those of at
 * most 32 rules took 2 ms, some of 64 took 28 s; 128 over the same arguments, 9 ms.
 */
#define MIXED_RULES_MAX 32

bool filter_can_tell(const struct rule *const *rules, size_t n)
{
	size_t i = 0;

	while (i < n && arguments_of(rules[i]) == arguments_of(rules[0]))
		i++;
	return i == n || n <= MIXED_RULES_MAX;
}

/* Only EQ of masked bits: the comparisons that libseccomp 2.5.4 gets right. */
static int add_rule(scmp_filter_ctx ctx, int nr, const struct rule *rule)
{
	struct scmp_arg_cmp list[6];
	unsigned int n = 0;

	for (unsigned int i = 0; i < 6; i++)
		if (rule->mask[i])
			list[n++] = (struct scmp_arg_cmp){
				i, SCMP_CMP_MASKED_EQ, rule->mask[i], rule->value[i],
			};
	return seccomp_rule_add_array(ctx, SCMP_ACT_NOTIFY, nr, n, list);
}

static int add_call(scmp_filter_ctx ctx, const struct filter_call *call, struct why *why)
{
	int rc = 0;

	if (!call->n_rules)
		rc = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, call->nr, 0);
	for (size_t i = 0; i < call->n_rules && rc == 0; i++) {
		rc = add_rule(ctx, call->nr, call->rules[i]);
		if (rc == -EEXIST)	/* two handlers want the same */
			rc = 0;
	}
	return rc < 0 ? fail(why, rc, "seccomp_rule_add of call %d", call->nr) : 0;
}

static int add_calls(scmp_filter_ctx ctx, const struct filter_call *calls, size_t n,
		     struct why *why)
{
	int rc;

	/* Without this a wrong architecture kills only the thread. */
	rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (rc == 0 && n > TREE_FROM)
		rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (rc < 0)
		return fail(why, rc, "seccomp_attr_set");
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = add_call(ctx, &calls[i], why);
	return rc;
}

static int read_program(int fd, struct sock_fprog *out, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail(why, -errno, "fstat of the exported filter");
	size_t bytes = (size_t)st.st_size, count = bytes / sizeof *out->filter;
	if (count > BPF_MAXINSNS)
		return fail(why, -E2BIG, "a filter of %zu instructions", count);
	AUTO_FREE struct sock_filter *code = malloc(bytes);
	if (!code)
		return fail(why, -ENOMEM, "filter");
	if (pread(fd, code, bytes, 0) != (ssize_t)bytes)
		return fail(why, -EIO, "reading the exported filter");
	out->len = (unsigned short)count;
	out->filter = code;
	code = NULL;
	return 0;
}

int filter_build(const struct filter_call *calls, size_t n, struct sock_fprog *out,
		 struct why *why)
{
	*out = (struct sock_fprog){ 0 };
	__attribute__((cleanup(release))) scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	if (!ctx)
		return fail(why, -ENOMEM, "seccomp_init");
	int rc = add_calls(ctx, calls, n, why);
	if (rc < 0)
		return rc;
	AUTO_FD fd = kernel_memfd("filter", 0);
	if (fd < 0)
		return fail(why, fd, "memfd_create");
	rc = seccomp_export_bpf(ctx, fd);
	if (rc < 0)
		return fail(why, rc, "seccomp_export_bpf");
	return read_program(fd, out, why);
}
