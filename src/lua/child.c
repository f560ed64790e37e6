/*
 * Child userdata: a program that a handler starts beside the run, to ask it
 * something. It is not confined; it ends with its variable.
 */
#include "convert.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char CHILD[] = "demilune.child";

extern char **environ;

struct child {
	pid_t pid;		/* 0: none, or waited for */
	int out;		/* what it prints, or -1 */
};

/* [-0, +0, v] */
static struct child *check_child(lua_State *L)
{
	return check_type(L, 1, CHILD);
}

/* Signals that the command keeps for itself are not for the child to miss. */
static int start(char **argv, int theirs, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, theirs, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	int error = posix_spawnp(pid, argv[0], &files, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return -error;
}

/* [-0, +1|3, v]  core.spawn(argv) -> child | nil, message, errno */
int child_spawn(lua_State *L)
{
	char **argv = check_strings(L, 1);
	int ends[2];

	luaL_argcheck(L, argv[0], 1, "the command is empty");
	struct child *child = lua_newuserdatauv(L, sizeof *child, 0);
	*child = (struct child){ 0, -1 };
	set_type(L, CHILD);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return push_fail(L, -errno, "pipe2");
	child->out = ends[0];
	int rc = start(argv, ends[1], &child->pid);
	close(ends[1]);
	return rc < 0 ? push_fail(L, rc, argv[0]) : 1;
}

/* [-0, +1, v]  child:fd() -> the descriptor that is readable when it has printed */
static int child_fd(lua_State *L)
{
	lua_pushinteger(L, check_child(L)->out);
	return 1;
}

/* [-0, +1|3, v]  child:read() -> bytes, "" at the end | nil, message, errno */
static int child_read(lua_State *L)
{
	struct child *child = check_child(L);
	char bytes[4096];
	ssize_t n = read(child->out, bytes, sizeof bytes);

	if (n < 0)
		return push_fail(L, -errno, "read");
	lua_pushlstring(L, bytes, (size_t)n);
	return 1;
}

static int wait_for(struct child *child)
{
	int status = 0;

	while (child->pid && waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	child->pid = 0;
	return status;
}

/* [-0, +2, v]  child:wait() -> exit_code | nil, signal */
static int child_wait(lua_State *L)
{
	int status = wait_for(check_child(L));

	if (WIFEXITED(status)) {
		lua_pushinteger(L, WEXITSTATUS(status));
		return 1;
	}
	luaL_pushfail(L);
	push_signal_name(L, WTERMSIG(status));
	return 2;
}

/* [-0, +0, -]  __gc, __close: may run twice */
static int child_close(lua_State *L)
{
	struct child *child = check_child(L);

	if (child->out >= 0)
		close(child->out);
	child->out = -1;
	if (child->pid) {
		kill(child->pid, SIGKILL);
		wait_for(child);
	}
	return 0;
}

void child_open(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{ "fd", child_fd }, { "read", child_read }, { "wait", child_wait },
		{ "__gc", child_close }, { "__close", child_close }, { NULL, NULL },
	};

	new_type(L, CHILD, methods);
	lua_pop(L, 1);
}
