/*
 * embed PROGRAM [ARGUMENT...] - runs a program that cannot read /etc/passwd
 *
 *     cc embed.c $(pkg-config --cflags --libs demilune) -o embed
 *     ./embed cat /etc/hostname /etc/passwd
 */
#include <demilune.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* openat(2): the second argument is the address of the path */
static int on_openat(void *ud, const struct demi_notif *notif, struct demi_mem *mem,
		     struct demi_action *act)
{
	unsigned int *denied = ud;
	char path[4096];
	ssize_t len = demi_mem_read_cstr(mem, notif->args[1], path, sizeof path);

	if (len < 0)	/* cannot be read, so it cannot be judged: the policy denies it */
		return demi_mem_fail(mem, (int)len, "the path is unreadable", NULL);
	if (strcmp(path, "/etc/passwd") != 0) {
		demi_action_set_continue(act);
		return 0;
	}
	++*denied;
	return demi_action_set_errno(act, EACCES);
}

static int run(struct demi_sandbox *sb, char **argv, unsigned int *denied)
{
	struct demi_handler *handler;
	struct demi_run *program;
	struct demi_result result;
	int openat_nr = demi_syscall_number("openat");
	int rc = demi_handler_new(on_openat, denied, NULL, DEMI_EXCEPTION_DENY_EPERM,
				  &handler);

	if (rc == 0)
		rc = demi_sandbox_handle(sb, &openat_nr, 1, handler, 0);
	if (rc == 0)
		rc = demi_sandbox_start(sb, argv, &program);
	if (rc < 0)
		return rc;
	demi_run_wait(program, -1);
	demi_run_result(program, &result);
	demi_run_free(program);
	fprintf(stderr, "embed: denied %u of %llu calls\n", *denied,
		(unsigned long long)result.calls);
	return result.reason == DEMI_REASON_EXITED ? result.exit_code : 128 + result.signal;
}

int main(int argc, char **argv)
{
	struct demi_sandbox *sb;
	unsigned int denied = 0;

	if (argc < 2 || demi_sandbox_new(&sb) < 0)
		return fputs("usage: embed PROGRAM [ARGUMENT...]\n", stderr), 125;
	int status = run(sb, argv + 1, &denied);
	if (status < 0)
		fprintf(stderr, "embed: %s\n", demi_sandbox_error(sb));
	demi_sandbox_free(sb);
	return status < 0 ? 125 : status;
}
