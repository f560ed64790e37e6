/* Run userdata: one program, served, signalled, and what became of it. */
#include "action.h"
#include "performed.h"
#include "sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct run {
	struct demi_run *run;	/* NULL: closed */
	struct box *box;	/* kept alive by uservalue 1 */
};

static struct run *check_run(lua_State *L)
{
	struct run *run = check_type(L, 1, RUN);

	luaL_argcheck(L, run->run, 1, "the run is closed");
	return run;
}

/* [-0, +1, -]  nil, or the table of a failure */
static void push_error(lua_State *L, const struct demi_error *error)
{
	lua_createtable(L, 0, 6);
	lua_pushstring(L, error->message);
	lua_setfield(L, -2, "message");
	lua_pushstring(L, error->traceback);
	lua_setfield(L, -2, "traceback");
	lua_pushstring(L, error->outcome);
	lua_setfield(L, -2, "outcome");
	lua_pushstring(L, demi_syscall_name(error->syscall_nr));
	lua_setfield(L, -2, "syscall");
	lua_pushinteger(L, error->pid);
	lua_setfield(L, -2, "pid");
	lua_pushinteger(L, (lua_Integer)error->count);
	lua_setfield(L, -2, "count");
}

/* [-2, +0, e]  fn(error); what it raises is lost: there is nobody left to tell */
static int tell_error(lua_State *L)
{
	const struct demi_error *error = lua_touserdata(L, 1);

	lua_rawgetp(L, LUA_REGISTRYINDEX, lua_touserdata(L, 2));
	if (lua_rawgeti(L, -1, ON_ERROR) != LUA_TFUNCTION)
		return 0;
	push_error(L, error);
	lua_call(L, 1, 0);
	return 0;
}

static void on_error(void *ud, const struct demi_error *error)
{
	struct box *box = ud;
	lua_State *L = box->L;

	if (!lua_checkstack(L, 3))
		return;
	lua_pushcfunction(L, tell_error);
	lua_pushlightuserdata(L, (void *)error);
	lua_pushlightuserdata(L, box);
	if (lua_pcall(L, 2, 0, 0) != LUA_OK)
		lua_pop(L, 1);
}

int run_start(lua_State *L, struct box *box, int arg, char **argv)
{
	struct run *run = lua_newuserdatauv(L, sizeof *run, 1);

	*run = (struct run){ 0 };
	set_type(L, RUN);
	lua_pushvalue(L, arg);
	lua_setiuservalue(L, -2, 1);
	demi_sandbox_on_error(box->sb, on_error, box);
	int rc = demi_sandbox_start(box->sb, argv, &run->run);
	if (rc < 0) {
		luaL_pushfail(L);
		lua_pushstring(L, demi_sandbox_error(box->sb));
		lua_pushinteger(L, -rc);
		return 3;
	}
	run->box = box;
	box->n_runs++;
	return 1;
}

/*
 * [-0, +0, m]  makes the sandbox's functions findable while f serves. f cannot
 * raise: handlers are asked in protected mode.
 */
static int serve(lua_State *L, struct run *run, int (*f)(struct demi_run *, int), int ms)
{
	luaL_checkstack(L, 4, NULL);
	lua_getiuservalue(L, 1, 1);
	lua_getiuservalue(L, -1, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, run->box);
	lua_State *before = run->box->L;
	run->box->L = L;
	budget_enter(&run->box->budget, L);
	int rc = f(run->run, ms);
	budget_leave(&run->box->budget, L);
	run->box->L = before;
	lua_pushnil(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, run->box);	/* exists: allocates nothing */
	return rc;
}

static int step(struct demi_run *run, int unused)
{
	(void)unused;
	return demi_run_step(run);
}

/* [-0, +1|3, v]  run:wait([ms]) -> true: over; false: not yet | nil, message, errno */
static int run_wait(lua_State *L)
{
	struct run *run = check_run(L);
	lua_Integer ms = luaL_optinteger(L, 2, -1);

	luaL_argcheck(L, ms <= INT32_MAX, 2, "too many milliseconds");
	luaL_argcheck(L, !run->box->L, 1, "a handler must not wait for its own run");
	int rc = serve(L, run, demi_run_wait, ms < 0 ? -1 : (int)ms);
	if (rc < 0 && rc != -EINTR)
		return push_fail(L, rc, "wait");
	lua_pushboolean(L, rc == 0);	/* a signal: the caller's hooks run, then again */
	return 1;
}

/* [-0, +1, v]  run:step() -> true while it goes on */
static int run_step(lua_State *L)
{
	struct run *run = check_run(L);

	luaL_argcheck(L, !run->box->L, 1, "a handler must not step its own run");
	lua_pushboolean(L, serve(L, run, step, 0));
	return 1;
}

static int run_pollfd(lua_State *L)
{
	lua_pushinteger(L, demi_run_pollfd(check_run(L)->run));
	return 1;
}

static int run_pid(lua_State *L)
{
	lua_pushinteger(L, demi_run_pid(check_run(L)->run));
	return 1;
}

/* [-0, +1|3, v]  run:stdio(fd) -> file | nil, message, errno */
static int run_stdio(lua_State *L)
{
	struct run *run = check_run(L);
	int fd = (int)luaL_checkinteger(L, 2);
	luaL_Stream *stream = new_file(L);
	int ours = demi_run_stdio(run->run, fd);
	if (ours < 0)
		return push_fail(L, ours, "stdio");
	return open_file(L, stream, ours, fd == 0 ? "w" : "r");
}

/* [-0, +1, v]  run:holds(id) -> boolean */
static int run_holds(lua_State *L)
{
	lua_pushboolean(L, demi_run_holds(check_run(L)->run, check_address(L, 2)));
	return 1;
}

/* [-0, +1|3, v]  run:release(id, action) -> true | nil, message, errno */
static int run_release(lua_State *L)
{
	struct run *run = check_run(L);
	uint64_t id = check_address(L, 2);
	struct demi_action act;
	enum demi_action_kind kind = action_kind(L, 3);

	luaL_argcheck(L, kind != DEMI_ACTION_HOLD, 3, "a held call cannot be held again");
	luaL_argcheck(L, kind != DEMI_ACTION_INJECT_FD_SEND_TRACKED, 3,
		      "on_success works in a handler only");
	luaL_argcheck(L, kind != DEMI_ACTION_PERFORM || !action_has_callback(L, 3), 3,
		      "the function of perform works in a handler only");
	const char *why = action_give(L, 3, &act);
	luaL_argcheck(L, !why, 3, why);
	int rc = demi_run_release(run->run, id, &act);
	if (rc < 0)
		return push_fail(L, rc, "no call with this id is held");
	lua_pushboolean(L, 1);
	return 1;
}

/* [-0, +1|3, v]  run:signal(sig, "program"|"tree") -> true | nil, message, errno */
static int run_signal(lua_State *L)
{
	static const char *const whom[] = { "program", "tree", NULL };
	struct run *run = check_run(L);
	int sig = check_signal(L, 2);
	int rc = demi_run_signal(run->run, sig, luaL_checkoption(L, 3, "program", whom));

	if (rc < 0)
		return push_fail(L, rc, "signal");
	lua_pushboolean(L, 1);
	return 1;
}

/* [-0, +1|3, v]  run:follow(pid) -> true, or false if it already is | nil, message, errno */
static int run_follow(lua_State *L)
{
	struct run *run = check_run(L);
	lua_Integer pid = luaL_checkinteger(L, 2);

	luaL_argcheck(L, 0 < pid && pid <= INT32_MAX, 2, "no process id");
	int rc = demi_run_follow(run->run, (pid_t)pid);
	if (rc < 0)
		return push_fail(L, rc, "follow");
	lua_pushboolean(L, rc);
	return 1;
}

/* [-0, +1, v]  run:processes() -> number, below 0 where /proc cannot be read */
static int run_processes(lua_State *L)
{
	lua_pushinteger(L, demi_run_processes(check_run(L)->run));
	return 1;
}

/* [-0, +1, v]  run:ended() -> { pid=, time_ns=, exit_code=, signal= } | nil */
static int run_ended(lua_State *L)
{
	struct demi_ended end;

	if (!demi_run_ended(check_run(L)->run, &end)) {
		luaL_pushfail(L);
		return 1;
	}
	lua_createtable(L, 0, 4);
	lua_pushinteger(L, end.pid);
	lua_setfield(L, -2, "pid");
	lua_pushinteger(L, (lua_Integer)end.time_ns);
	lua_setfield(L, -2, "time_ns");
	if (end.has_status && WIFEXITED(end.status)) {
		lua_pushinteger(L, WEXITSTATUS(end.status));
		lua_setfield(L, -2, "exit_code");
	} else if (end.has_status) {
		push_signal_name(L, WTERMSIG(end.status));
		lua_setfield(L, -2, "signal");
	}
	return 1;
}

/* [-0, +1, v]  run:result() -> table */
static int run_result(lua_State *L)
{
	static const char *const reasons[] = { "running", "exited", "signaled", "killed",
					       "timeout", "exec", "limit" };
	struct demi_result result;

	demi_run_result(check_run(L)->run, &result);
	lua_createtable(L, 0, 8);
	lua_pushstring(L, reasons[result.reason]);
	lua_setfield(L, -2, "reason");
	if (result.reason == DEMI_REASON_EXEC) {
		lua_pushfstring(L, "execve: %s", strerror(result.exec_errno));
		lua_setfield(L, -2, "exec_message");
		lua_pushinteger(L, result.exec_errno);
		lua_setfield(L, -2, "exec_errno");
	}
	if (result.reason == DEMI_REASON_LIMIT) {
		lua_pushstring(L, limit_names[result.limit]);
		lua_setfield(L, -2, "limit");
	}
	lua_pushinteger(L, (lua_Integer)result.calls);
	lua_setfield(L, -2, "calls");
	lua_pushinteger(L, (lua_Integer)result.held);
	lua_setfield(L, -2, "held");
	lua_pushinteger(L, (lua_Integer)result.errors);
	lua_setfield(L, -2, "errors");
	if (result.reason == DEMI_REASON_EXITED) {
		lua_pushinteger(L, result.exit_code);
		lua_setfield(L, -2, "exit_code");
	}
	if (result.signal) {
		push_signal_name(L, result.signal);
		lua_setfield(L, -2, "signal");
		lua_pushinteger(L, result.signal);
		lua_setfield(L, -2, "signal_number");
	}
	return 1;
}

/* [-0, +1, v]  run:missing() -> names of the protections that it runs without */
static int run_missing(lua_State *L)
{
	push_protections(L, demi_run_missing(check_run(L)->run));
	return 1;
}

/* [-0, +1, v]  run:unsafe() -> { { handler = place, count = n }, ... } */
static int run_unsafe(lua_State *L)
{
	struct run *run = check_run(L);
	struct demi_unsafe one;
	lua_Integer n = 0;

	lua_newtable(L);
	for (size_t i = 0; demi_run_unsafe(run->run, i, &one) == 0; i++) {
		if (!one.count)
			continue;
		lua_createtable(L, 0, 2);
		lua_pushstring(L, one.handler);
		lua_setfield(L, -2, "handler");
		lua_pushinteger(L, (lua_Integer)one.count);
		lua_setfield(L, -2, "count");
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* [-0, +1, v]  run:output(fd) -> string */
static int run_output(lua_State *L)
{
	struct run *run = check_run(L);
	size_t len;
	const char *bytes = demi_run_output(run->run, (int)luaL_checkinteger(L, 2), &len);

	lua_pushlstring(L, bytes ? bytes : "", len);
	return 1;
}

/* [-0, +1, v]  run:errors() -> list */
static int run_errors(lua_State *L)
{
	struct run *run = check_run(L);
	struct demi_error error;

	lua_newtable(L);
	for (size_t i = 0; demi_run_error(run->run, i, &error) == 0; i++) {
		push_error(L, &error);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* [-0, +2, m]  run:refused() -> list, how many found no room */
static int run_refused(lua_State *L)
{
	return push_refused(L, check_run(L)->run);
}

static int run_stop(lua_State *L)
{
	demi_run_end(check_run(L)->run);
	return 0;
}

/* [-0, +0, -]  run:close(), __gc, __close: may run twice */
static int run_close(lua_State *L)
{
	struct run *run = check_type(L, 1, RUN);

	if (run->run && run->box->L)
		return luaL_error(L, "a handler must not close its own run");
	if (run->run) {
		demi_run_free(run->run);
		run->run = NULL;
		run->box->n_runs--;
	}
	if (run->box && run->box->n_runs == 0 && lua_getiuservalue(L, 1, 1) == LUA_TUSERDATA &&
	    lua_getiuservalue(L, -1, 1) == LUA_TTABLE)
		performed_clear(L, lua_gettop(L));
	return 0;
}

void run_open(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{ "wait", run_wait }, { "step", run_step }, { "pollfd", run_pollfd },
		{ "pid", run_pid }, { "stdio", run_stdio }, { "release", run_release },
		{ "holds", run_holds },
		{ "signal", run_signal }, { "follow", run_follow }, { "ended", run_ended },
		{ "processes", run_processes },
		{ "result", run_result }, { "output", run_output }, { "missing", run_missing },
		{ "unsafe", run_unsafe },
		{ "errors", run_errors }, { "refused", run_refused }, { "stop", run_stop },
		{ "close", run_close }, { "__gc", run_close }, { "__close", run_close },
		{ NULL, NULL },
	};

	new_type(L, RUN, methods);
	lua_pop(L, 1);
}
