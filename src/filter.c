/*
 * The set of notified calls, as a seccomp program. libseccomp is the assembler;
 * its loader cannot ask for WAIT_KILLABLE_RECV and keeps one listener a process.
 */
#include "filter.h"

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

static int add_rules(scmp_filter_ctx ctx, const int *nrs, size_t n, struct why *why)
{
	int rc;

	/* Without this a wrong architecture kills only the thread. */
	rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (rc == 0 && n > TREE_FROM)
		rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (rc < 0)
		return fail(why, rc, "seccomp_attr_set");
	for (size_t i = 0; i < n; i++) {
		rc = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, nrs[i], 0);
		if (rc < 0)
			return fail(why, rc, "seccomp_rule_add of call %d", nrs[i]);
	}
	return 0;
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

int filter_build(const int *nrs, size_t n, struct sock_fprog *out, struct why *why)
{
	*out = (struct sock_fprog){ 0 };
	__attribute__((cleanup(release))) scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	if (!ctx)
		return fail(why, -ENOMEM, "seccomp_init");
	int rc = add_rules(ctx, nrs, n, why);
	if (rc < 0)
		return rc;
	AUTO_FD fd = memfd_create("filter", MFD_CLOEXEC);
	if (fd < 0)
		return fail(why, -errno, "memfd_create");
	rc = seccomp_export_bpf(ctx, fd);
	if (rc < 0)
		return fail(why, rc, "seccomp_export_bpf");
	return read_program(fd, out, why);
}
