/*
 * capi CHECK - one promise of demilune.h, tried; silent, or says which line is not true
 * capi program CALL - makes one system call; its exit status is the result, or
 * 100 + errno
 */
#include "capi.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- the program: what a handler sees and changes */

static char cwd[64] = "unset";

static int make_call(const char *name)
{
	if (strcmp(name, "getppid") == 0)
		return (int)syscall(SYS_getppid);
	if (strcmp(name, "twice") == 0)
		return (int)syscall(SYS_getppid) + (int)syscall(SYS_getppid);
	if (strcmp(name, "chdir") == 0)
		return (int)syscall(SYS_chdir, "/no/where");
	if (strcmp(name, "bad") == 0)
		return (int)syscall(SYS_chdir, 8);
	if (strcmp(name, "getcwd") == 0)
		return syscall(SYS_getcwd, cwd, sizeof cwd) < 0 ? -1 : cwd[0];
	if (strcmp(name, "read") == 0)
		return read((int)syscall(SYS_getppid), cwd, 1) == 1 ? cwd[0] : -1;
	if (strcmp(name, "access") == 0)
		return (int)syscall(SYS_faccessat, AT_FDCWD, "/no/where", F_OK);
	if (strcmp(name, "write") == 0)
		return write(1, "out", 3) == 3 && write(2, "err", 3) == 3 ? 0 : -1;
	alarm(10);
	return pause();
}

static _Noreturn void program(const char *name)
{
	int result = make_call(name);

	/* not exit(3): a leak check at exit would ask getppid(2), too */
	_exit(result < 0 ? 100 + errno : result);
}

/* ---- one handler for all checks: what it does stands in its script */

struct script {
	enum demi_action_kind kind;
	int fails, value, fd, asked, dropped, injected, newfd;
	uint64_t id;
	int (*look)(const struct demi_notif *notif, struct demi_mem *mem);
};

static void drop(void *ud)
{
	((struct script *)ud)->dropped++;
}

static int on_injected(void *ud, struct demi_mem *mem, int newfd)
{
	struct script *script = ud;

	script->injected++;
	script->newfd = newfd;
	return script->fails ? demi_mem_fail(mem, -EIO, "not wanted", NULL) : 0;
}

static int on_performed(void *ud, struct demi_mem *mem, int64_t result)
{
	return on_injected(ud, mem, (int)result);
}

static int handle(void *ud, const struct demi_notif *notif, struct demi_mem *mem,
		  struct demi_action *act)
{
	struct script *script = ud;

	script->asked++;
	script->id = notif->id;
	if (script->look)
		script->value = script->look(notif, mem);
	switch (script->kind) {
	case DEMI_ACTION_CONTINUE:
		demi_action_set_continue(act);
		break;
	case DEMI_ACTION_ERRNO:
		return demi_action_set_errno(act, script->value);
	case DEMI_ACTION_RETURN_VALUE:
		return demi_action_set_value(act, script->value);
	case DEMI_ACTION_INJECT_FD_SEND:
		return demi_action_set_inject_fd(act, script->fd, O_CLOEXEC);
	case DEMI_ACTION_INJECT_FD_SEND_TRACKED:
		return demi_action_set_inject_fd_tracked(act, script->fd, O_CLOEXEC,
							 on_injected, script, drop);
	case DEMI_ACTION_HOLD:
		demi_action_set_hold(act);
		break;
	case DEMI_ACTION_KILL:
		return demi_action_set_kill(act, SIGTERM, 0);
	case DEMI_ACTION_PERFORM:
		return demi_action_set_perform(act, script->value ? "/" : NULL, on_performed,
					       script, drop);
	case DEMI_ACTION_UNSET:
		return script->fails ? demi_mem_fail(mem, -EIO, "because", "a trace") : 0;
	}
	return 0;
}

static struct demi_sandbox *new_sandbox(void)
{
	struct demi_sandbox *sb;

	CHECK(demi_sandbox_new(&sb) == 0);
	CHECK(demi_sandbox_set_stdio(sb, 0, DEMI_STDIO_NULL) == 0);
	return sb;
}

static void bind_to(struct demi_sandbox *sb, const char *call, struct script *script,
		    void (*ud_drop)(void *), unsigned int flags)
{
	struct demi_handler *handler;
	int nr = demi_syscall_number(call);

	CHECK(demi_handler_new(handle, script, ud_drop, DEMI_EXCEPTION_DENY_EIO, &handler) == 0);
	CHECK(demi_handler_set_name(handler, "capi") == 0);
	CHECK(demi_sandbox_handle(sb, &nr, 1, handler, flags) == 0);
}

static struct demi_run *start(struct demi_sandbox *sb, const char *call)
{
	char *argv[] = { (char *)"/proc/self/exe", (char *)"program", (char *)call, NULL };
	struct demi_run *run;
	int rc = demi_sandbox_start(sb, argv, &run);

	if (rc < 0)
		puts(demi_sandbox_error(sb));
	CHECK(rc == 0);
	return run;
}

static struct demi_result finish(struct demi_run *run)
{
	struct demi_result result;

	CHECK(demi_run_wait(run, -1) == 0);
	demi_run_result(run, &result);
	demi_run_free(run);
	return result;
}

/* the exit status of the program when call is decided by script */
static int decide(const char *call, const char *program_call, struct script *script)
{
	struct demi_sandbox *sb = new_sandbox();

	bind_to(sb, call, script, NULL, 0);
	struct demi_result result = finish(start(sb, program_call));
	demi_sandbox_free(sb);
	CHECK(result.reason == DEMI_REASON_EXITED);
	return result.exit_code;
}

/* ---- the checks */

static void layout(void)
{
	struct demi_notif n;

	CHECK(sizeof n == 80 && sizeof n == sizeof(struct seccomp_notif));
	CHECK(offsetof(struct demi_notif, id) == 0 && sizeof n.id == 8);
	CHECK(offsetof(struct demi_notif, pid) == 8 && sizeof n.pid == 4);
	CHECK(offsetof(struct demi_notif, flags) == 12 && sizeof n.flags == 4);
	CHECK(offsetof(struct demi_notif, syscall_nr) == 16 && sizeof n.syscall_nr == 4);
	CHECK(offsetof(struct demi_notif, arch) == 20 && sizeof n.arch == 4);
	CHECK(offsetof(struct demi_notif, instruction_pointer) == 24);
	CHECK(offsetof(struct demi_notif, args) == 32 && sizeof n.args == 48);
	CHECK(DEMI_ACTION_UNSET == 0 && DEMI_ACTION_CONTINUE == 1 && DEMI_ACTION_ERRNO == 2);
	CHECK(DEMI_ACTION_RETURN_VALUE == 3 && DEMI_ACTION_INJECT_FD_SEND == 4);
	CHECK(DEMI_ACTION_INJECT_FD_SEND_TRACKED == 5 && DEMI_ACTION_HOLD == 6);
	CHECK(DEMI_ACTION_KILL == 7 && DEMI_ACTION_PERFORM == 8);
	CHECK(DEMI_EXCEPTION_KILL == 0 && DEMI_EXCEPTION_DENY_EPERM == 1);
	CHECK(DEMI_EXCEPTION_CONTINUE == 2 && DEMI_EXCEPTION_DENY_EIO == 3);
}

static void setters(void)
{
	struct demi_action act = { .fd = -1 };

	CHECK(demi_action_set_errno(&act, 0) == -EINVAL);
	CHECK(demi_action_set_errno(&act, -1) == -EINVAL);
	CHECK(demi_action_set_errno(&act, 4096) == -EINVAL && act.kind == DEMI_ACTION_UNSET);
	CHECK(demi_action_set_errno(&act, 4095) == 0 && act.error == 4095);
	CHECK(demi_action_set_value(&act, -1) == -EINVAL);
	CHECK(demi_action_set_value(&act, -4095) == -EINVAL && act.kind == DEMI_ACTION_ERRNO);
	CHECK(demi_action_set_value(&act, -4096) == 0 && act.value == -4096);
	CHECK(demi_action_set_kill(&act, 0, 0) == -EINVAL);
	CHECK(demi_action_set_kill(&act, 65, 0) == -EINVAL);
	CHECK(demi_action_set_kill(&act, SIGTERM, 1) == -EINVAL);
	CHECK(demi_action_set_kill(&act, SIGTERM, -5) == -EINVAL);
	/* in a container our group may be 0 or 1, which mean something else here */
	CHECK(getpgrp() <= 1 || demi_action_set_kill(&act, SIGTERM, getpgrp()) == -EPERM);
	CHECK(demi_action_set_kill(&act, SIGTERM, 0) == 0 && act.sig == SIGTERM);
	demi_action_set_hold(&act);
	CHECK(act.kind == DEMI_ACTION_HOLD);
	demi_action_drop(&act);
	CHECK(act.kind == DEMI_ACTION_UNSET && act.fd == -1);
}

static int is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* also when it is refused, the descriptor is closed and ud dropped, once */
static void refused_injection(int fd, unsigned int flags,
			      int (*fn)(void *, struct demi_mem *, int), int rc)
{
	struct demi_action act = { .fd = -1 };
	struct script script = { 0 };

	CHECK(demi_action_set_inject_fd_tracked(&act, fd, flags, fn, &script, drop) == rc);
	CHECK(script.dropped == 1 && act.kind == DEMI_ACTION_UNSET);
	CHECK(fd < 0 || !is_open(fd));
}

static void injections(void)
{
	struct demi_action act = { .fd = -1 };
	struct script script = { 0 };

	refused_injection(dup(1), O_APPEND, on_injected, -EINVAL);
	refused_injection(dup(1), O_CLOEXEC, NULL, -EINVAL);
	refused_injection(-1, O_CLOEXEC, on_injected, -EBADF);
	CHECK(demi_action_set_inject_fd(&act, dup(1), O_NONBLOCK) == -EINVAL);
	CHECK(demi_action_set_inject_fd(&act, -1, 0) == -EBADF);

	int fd = dup(1);
	CHECK(demi_action_set_inject_fd_tracked(&act, fd, 0, on_injected, &script, drop) == 0);
	CHECK(is_open(fd) && script.dropped == 0);
	demi_action_set_continue(&act);	/* another decision drops the first */
	CHECK(!is_open(fd) && script.dropped == 1);
	demi_action_drop(&act);
	CHECK(script.dropped == 1);
}

static void registration(struct demi_sandbox *sb, int nr, size_t n, unsigned int flags, int rc)
{
	struct demi_handler *handler;
	struct script script = { 0 };
	int nrs[] = { demi_syscall_number("getpid"), nr };

	CHECK(demi_handler_new(handle, &script, drop, DEMI_EXCEPTION_KILL, &handler) == 0);
	CHECK(demi_sandbox_handle(sb, nrs, n, handler, flags) == rc);
	CHECK(script.dropped == 1);
	CHECK(demi_sandbox_error(sb)[0]);
}

static void ud_drop(void)
{
	struct demi_sandbox *sb = new_sandbox();
	struct demi_handler *handler;
	struct script script = { 0 };

	CHECK(demi_handler_new(NULL, &script, drop, DEMI_EXCEPTION_KILL, &handler) == -EINVAL);
	CHECK(script.dropped == 1 && !handler);
	CHECK(demi_handler_new(handle, &script, drop, (enum demi_exception)4, &handler) == -EINVAL);
	CHECK(script.dropped == 2 && !handler);
	CHECK(demi_handler_new(handle, &script, drop, DEMI_EXCEPTION_KILL, &handler) == 0);
	demi_handler_free(handler);
	CHECK(script.dropped == 3);
	demi_handler_free(NULL);

	registration(sb, DEMI_SYSCALL_END, 2, 0, -EINVAL);
	registration(sb, DEMI_SYSCALL_END - 1, 2, 0, -EINVAL);
	registration(sb, -1, 2, 0, -EINVAL);
	registration(sb, 0, 0, 0, -EINVAL);
	registration(sb, 0, 1, 8, -EINVAL);

	script = (struct script){ .kind = DEMI_ACTION_RETURN_VALUE, .value = 3 };
	bind_to(sb, "getppid", &script, drop, 0);
	CHECK(finish(start(sb, "twice")).exit_code == 6 && script.dropped == 0);
	demi_sandbox_free(sb);
	CHECK(script.dropped == 1);
	demi_sandbox_free(NULL);
}

static void decisions(void)
{
	CHECK(decide("getppid", "getppid",
		     &(struct script){ .kind = DEMI_ACTION_RETURN_VALUE, .value = 42 }) == 42);
	CHECK(decide("getppid", "getppid", &(struct script){ .kind = DEMI_ACTION_ERRNO,
		     .value = ENOSPC }) == 100 + ENOSPC);
	CHECK(decide("chdir", "chdir",
		     &(struct script){ .kind = DEMI_ACTION_CONTINUE }) == 100 + ENOENT);

	struct demi_sandbox *sb = new_sandbox();
	bind_to(sb, "getppid", &(struct script){ .kind = DEMI_ACTION_KILL }, NULL, 0);
	struct demi_result result = finish(start(sb, "getppid"));
	CHECK(result.reason == DEMI_REASON_SIGNALED && result.signal == SIGTERM);
	demi_sandbox_free(sb);
}

static void injected(void)
{
	struct script script = { .kind = DEMI_ACTION_INJECT_FD_SEND };

	script.fd = demi_bytes_fd("A", 1, 1);
	CHECK(decide("getppid", "read", &script) == 'A' && !is_open(script.fd));

	script = (struct script){ .kind = DEMI_ACTION_INJECT_FD_SEND_TRACKED };
	script.fd = demi_bytes_fd("B", 1, 0);
	CHECK(decide("getppid", "getppid", &script) == script.newfd);
	CHECK(script.injected == 1 && script.dropped == 1 && !is_open(script.fd));

	script.fd = demi_bytes_fd("C", 1, 1);
	script.fails = 1;
	CHECK(decide("getppid", "getppid", &script) == 100 + EIO);
	CHECK(script.injected == 2 && script.dropped == 2 && !is_open(script.fd));

	/* an O_PATH descriptor cannot be injected: an error, never a continue */
	script = (struct script){ .kind = DEMI_ACTION_INJECT_FD_SEND };
	script.fd = open("/", O_PATH | O_CLOEXEC);
	CHECK(decide("getppid", "getppid", &script) == 100 + EBADF && !is_open(script.fd));
}

static int look_at_path(const struct demi_notif *notif, struct demi_mem *mem)
{
	char path[64];

	CHECK(notif->syscall_nr == SYS_chdir && notif->arch != 0 && notif->pid > 0);
	CHECK(demi_mem_read_cstr(mem, notif->args[0], path, sizeof path) == 9);
	CHECK(strcmp(path, "/no/where") == 0);
	CHECK(demi_mem_read_cstr(mem, notif->args[0], path, 9) == -ENAMETOOLONG);
	CHECK(demi_mem_read(mem, notif->args[0], path, 3) == 3 && !memcmp(path, "/no", 3));
	CHECK(demi_mem_read(mem, notif->args[0], path, 1024 * 1024 + 1) == -E2BIG);
	CHECK(demi_mem_late(mem) == 0);
	return 7;
}

static int look_at_nothing(const struct demi_notif *notif, struct demi_mem *mem)
{
	char path[64];

	CHECK(demi_mem_read_cstr(mem, notif->args[0], path, sizeof path) == -EFAULT);
	CHECK(demi_mem_read(mem, notif->args[0], path, sizeof path) == -EFAULT);
	CHECK(demi_mem_write(mem, notif->args[0], path, 1) == -EFAULT);
	return 8;
}

static int write_cwd(const struct demi_notif *notif, struct demi_mem *mem)
{
	CHECK(demi_mem_write(mem, notif->args[0], "Z", 2) == 0);
	return 2;
}

static void performed(void)
{
	struct script plain = { .kind = DEMI_ACTION_PERFORM };
	struct script replaced = { .kind = DEMI_ACTION_PERFORM, .value = 1 };
	struct script failing = { .kind = DEMI_ACTION_PERFORM, .value = 1, .fails = 1 };
	struct script unknown = { .kind = DEMI_ACTION_PERFORM };
	struct demi_action act = { .fd = -1 };
	char path[5000] = "";

	CHECK(decide("faccessat", "access", &plain) == 100 + ENOENT);
	CHECK(plain.injected == 1 && plain.newfd == -ENOENT && plain.dropped == 1);
	CHECK(decide("faccessat", "access", &replaced) == 0);
	CHECK(replaced.injected == 1 && replaced.newfd == 0 && replaced.dropped == 1);
	CHECK(decide("faccessat", "access", &failing) == 100 + EIO);
	CHECK(failing.injected == 1 && failing.dropped == 1);
	CHECK(decide("getppid", "getppid", &unknown) == 100 + EIO);
	CHECK(unknown.injected == 0 && unknown.dropped == 1);

	memset(path, 'x', sizeof path - 1);
	CHECK(demi_action_set_perform(&act, path, NULL, &plain, drop) == -ENAMETOOLONG);
	CHECK(act.kind == DEMI_ACTION_UNSET && plain.dropped == 2);
	CHECK(demi_syscall_performable(demi_syscall_number("openat")));
	CHECK(!demi_syscall_performable(demi_syscall_number("getppid")));
	CHECK(!demi_syscall_performable(demi_syscall_number("execve")));
	CHECK(demi_syscall_resolvable(demi_syscall_number("execve")));
	CHECK(!demi_syscall_resolvable(demi_syscall_number("uname")));
	CHECK(!demi_syscall_performable(-1) && !demi_syscall_performable(DEMI_SYSCALL_END));
}

static void memory(void)
{
	struct script script = { .kind = DEMI_ACTION_RETURN_VALUE, .look = look_at_path };

	CHECK(decide("chdir", "chdir", &script) == 7);
	script.look = look_at_nothing;
	CHECK(decide("chdir", "bad", &script) == 8);
	script.look = write_cwd;
	CHECK(decide("getcwd", "getcwd", &script) == 'Z');
}

static void chain(void)
{
	struct demi_sandbox *sb = new_sandbox();
	struct script first = { .kind = DEMI_ACTION_CONTINUE };
	struct script second = { .kind = DEMI_ACTION_RETURN_VALUE, .value = 5 };
	struct script third = second, watcher = { .kind = DEMI_ACTION_RETURN_VALUE, .value = 9 };

	bind_to(sb, "getppid", &first, NULL, 0);
	bind_to(sb, "getppid", &second, NULL, 0);
	bind_to(sb, "getppid", &third, NULL, 0);
	bind_to(sb, "getppid", &watcher, NULL, DEMI_WATCH);
	struct demi_result result = finish(start(sb, "getppid"));
	CHECK(result.exit_code == 5 && result.calls == 1 && result.errors == 0);
	CHECK(watcher.asked == 1 && first.asked == 1 && second.asked == 1 && third.asked == 0);
	demi_sandbox_free(sb);
}

static int told;

static void on_error(void *ud, const struct demi_error *error)
{
	told++;
	CHECK(*(int *)ud == 17 && strcmp(error->message, "because") == 0);
}

static void errors(void)
{
	struct demi_sandbox *sb = new_sandbox();
	struct demi_error error;
	int ud = 17;

	bind_to(sb, "getppid", &(struct script){ .fails = 1 }, NULL, 0);
	demi_sandbox_on_error(sb, on_error, &ud);
	struct demi_run *run = start(sb, "twice");
	CHECK(demi_run_wait(run, -1) == 0 && told == 1);
	CHECK(demi_run_error(run, 0, &error) == 0);
	CHECK(strcmp(error.traceback, "a trace") == 0 && strcmp(error.outcome, "deny_eio") == 0);
	CHECK(error.syscall_nr == SYS_getppid && error.count == 2);
	CHECK(error.pid == (uint32_t)demi_run_pid(run));
	CHECK(demi_run_error(run, 1, &error) == -ENOENT);
	CHECK(finish(run).errors == 2);
	demi_sandbox_free(sb);
	/* a handler that decides nothing fails, too */
	CHECK(decide("getppid", "getppid", &(struct script){ 0 }) == 100 + EIO);
}

static void wait_for(struct demi_run *run, const int *flag)
{
	struct pollfd fd = { .fd = demi_run_pollfd(run), .events = POLLIN };

	while (!*flag) {
		CHECK(poll(&fd, 1, 10000) == 1);
		CHECK(demi_run_step(run) == 1);
	}
}

static void stepped(void)
{
	struct demi_sandbox *sb = new_sandbox();
	struct script script = { .kind = DEMI_ACTION_RETURN_VALUE, .value = 4 };

	bind_to(sb, "getppid", &script, NULL, 0);
	struct demi_run *one = start(sb, "getppid"), *two = start(sb, "twice");
	struct pollfd fds[] = {
		{ .fd = demi_run_pollfd(one), .events = POLLIN },
		{ .fd = demi_run_pollfd(two), .events = POLLIN },
	};
	int first = 1, second = 1;
	while (first || second) {
		CHECK(poll(fds, 2, 10000) > 0);
		first = demi_run_step(one);
		second = demi_run_step(two);
	}
	CHECK(finish(one).exit_code == 4 && finish(two).exit_code == 8);
	demi_sandbox_free(sb);
}

static void released(void)
{
	struct demi_sandbox *sb = new_sandbox();
	struct script script = { .kind = DEMI_ACTION_HOLD };
	struct demi_action act = { .fd = -1 };

	bind_to(sb, "getppid", &script, NULL, 0);
	struct demi_run *run = start(sb, "getppid");
	wait_for(run, &script.asked);
	int fd = demi_bytes_fd("D", 1, 1);
	CHECK(demi_action_set_inject_fd(&act, fd, 0) == 0);
	CHECK(demi_run_release(run, script.id + 1, &act) == -ENOENT && !is_open(fd));
	CHECK(demi_action_set_value(&act, 11) == 0);
	CHECK(demi_run_release(run, script.id, &act) == 0 && act.kind == DEMI_ACTION_UNSET);
	CHECK(demi_action_set_value(&act, 12) == 0);
	CHECK(demi_run_release(run, script.id, &act) == -ENOENT);
	struct demi_result result = finish(run);
	CHECK(result.exit_code == 11 && result.held == 1);

	demi_sandbox_set_hold_limit(sb, 1, 50);	/* then the exception policy */
	CHECK(finish(start(sb, "getppid")).exit_code == 100 + EIO);
	demi_sandbox_free(sb);
}

static void refuse_start(struct demi_sandbox *sb, const char *name, int rc)
{
	char *argv[] = { (char *)name, NULL };
	struct demi_run *run = (void *)sb;

	CHECK(demi_sandbox_start(sb, argv, &run) == rc && !run);
	CHECK(demi_sandbox_error(sb)[0]);
}

static void refusals(void)
{
	struct demi_sandbox *sb = new_sandbox();

	refuse_start(sb, NULL, -EINVAL);
	refuse_start(sb, "no-such-program", -ENOENT);
	refuse_start(sb, "", -ENOENT);
	refuse_start(sb, "/", -EACCES);
	refuse_start(sb, "/etc/passwd", -EACCES);
	CHECK(demi_sandbox_set_stdio(sb, 3, DEMI_STDIO_NULL) == -EINVAL);
	CHECK(demi_sandbox_set_stdio(sb, 0, DEMI_STDIO_CAPTURE) == -EINVAL);
	CHECK(demi_sandbox_set_stdio(sb, 1, (enum demi_stdio)4) == -EINVAL);
	CHECK(demi_sandbox_set_env(sb, "", "x") == -EINVAL);
	CHECK(demi_sandbox_set_env(sb, "A=B", "x") == -EINVAL);
	CHECK(demi_sandbox_set_handler_limit(sb, 0) == -EINVAL);
	CHECK(demi_sandbox_set_cwd(sb, "/no/where") == 0);
	refuse_start(sb, "/bin/sh", -ENOENT);
	demi_sandbox_free(sb);
	CHECK(demi_syscall_number("no_such_call") == -ENOENT);
	CHECK(!demi_syscall_name(-1) && !demi_syscall_name(DEMI_SYSCALL_END));
	CHECK(demi_syscall_fragile(SYS_close) && !demi_syscall_fragile(SYS_openat));
	CHECK(demi_syscall_paths(SYS_openat) == 2 && demi_syscall_paths(SYS_getppid) == 0);
}

static void endings(void)
{
	struct demi_sandbox *sb = new_sandbox();
	struct demi_result result;

	struct demi_run *run = start(sb, "pause");
	CHECK(demi_run_wait(run, 10) == 1);
	demi_run_result(run, &result);
	CHECK(result.reason == DEMI_REASON_RUNNING && result.exit_code == -1);
	CHECK(demi_run_signal(run, 65, 0) == -EINVAL);
	CHECK(demi_run_signal(run, SIGTERM, 0) == 0);
	CHECK(demi_run_wait(run, -1) == 0 && demi_run_signal(run, SIGTERM, 0) == -ESRCH);
	result = finish(run);
	CHECK(result.reason == DEMI_REASON_SIGNALED && result.signal == SIGTERM);

	run = start(sb, "pause");
	demi_run_end(run);
	result = finish(run);
	CHECK(result.reason == DEMI_REASON_KILLED && result.signal == SIGKILL);

	pid_t pid = demi_run_pid(run = start(sb, "pause"));
	demi_run_free(run);		/* ends what still runs */
	CHECK(kill(pid, 0) < 0 && errno == ESRCH);
	demi_run_free(NULL);

	demi_sandbox_set_time_limit(sb, 50);
	CHECK(finish(start(sb, "pause")).reason == DEMI_REASON_TIMEOUT);
	demi_sandbox_free(sb);
}

static void stdio(void)
{
	struct demi_sandbox *sb = new_sandbox();
	char bytes[4] = "";
	size_t len;

	demi_sandbox_set_stdio(sb, 1, DEMI_STDIO_PIPE);
	demi_sandbox_set_stdio(sb, 2, DEMI_STDIO_CAPTURE);
	struct demi_run *run = start(sb, "write");
	int out = demi_run_stdio(run, 1);
	CHECK(out >= 0 && demi_run_stdio(run, 1) == -EBADF);
	CHECK(demi_run_stdio(run, 0) == -EBADF && demi_run_stdio(run, 7) == -EBADF);
	CHECK(read(out, bytes, 3) == 3 && strcmp(bytes, "out") == 0);
	CHECK(demi_run_wait(run, -1) == 0);
	CHECK(strncmp(demi_run_output(run, 2, &len), "err", 3) == 0 && len == 3);
	CHECK(!demi_run_output(run, 1, &len) && len == 0);
	close(out);
	demi_run_free(run);
	demi_sandbox_free(sb);
}

static void again_and_again(void)
{
	struct demi_sandbox *sb = new_sandbox();
	struct script script = { .kind = DEMI_ACTION_RETURN_VALUE, .value = 1 };

	bind_to(sb, "getppid", &script, NULL, 0);
	for (int i = 0; i < 50; i++)
		CHECK(finish(start(sb, "getppid")).exit_code == 1);
	CHECK(script.asked == 50);
	demi_sandbox_free(sb);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*check)(void);
	} checks[] = {
		{ "layout", layout }, { "setters", setters }, { "injections", injections },
		{ "ud_drop", ud_drop }, { "decisions", decisions }, { "injected", injected },
		{ "performed", performed },
		{ "memory", memory }, { "chain", chain }, { "errors", errors },
		{ "stepped", stepped }, { "released", released }, { "refusals", refusals },
		{ "endings", endings }, { "stdio", stdio }, { "again_and_again", again_and_again },
	};

	if (argc == 3)
		program(argv[2]);
	for (size_t i = 0; argc == 2 && i < sizeof checks / sizeof *checks; i++) {
		if (strcmp(argv[1], checks[i].name) != 0)
			continue;
		int before = count_fds();
		checks[i].check();
		CHECK(count_fds() == before);
		CHECK(!has_children());
		return 0;
	}
	return 2;
}
