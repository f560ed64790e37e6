/* Sandbox userdata: a method per setter, handle, start, close. */
#include "link.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct box *check_box(lua_State *L, int arg)
{
	struct box *box = check_type(L, arg, SANDBOX);

	luaL_argcheck(L, box->sb, arg, "the sandbox is closed");
	return box;
}

int push_result(lua_State *L, const struct box *box, int rc)
{
	if (rc == 0) {
		lua_pushboolean(L, 1);
		return 1;
	}
	luaL_pushfail(L);
	lua_pushstring(L, demi_sandbox_error(box->sb));
	lua_pushinteger(L, -rc);
	return 3;
}

/* [-0, +0, v]  a number of milliseconds or calls, not 0 */
static lua_Integer check_positive(lua_State *L, int arg)
{
	lua_Integer n = luaL_checkinteger(L, arg);

	luaL_argcheck(L, 0 < n && n <= INT32_MAX, arg, "a positive number is needed");
	return n;
}

/* [-0, +1, v]  sb:stdio(fd, how) */
static int set_stdio(lua_State *L)
{
	static const char *const names[] = { "inherit", "null", "pipe", "capture", NULL };
	struct box *box = check_box(L, 1);
	lua_Integer fd = luaL_checkinteger(L, 2);
	int how = luaL_checkoption(L, 3, NULL, names);

	luaL_argcheck(L, 0 <= fd && fd <= 2, 2, "0, 1 or 2");
	return push_result(L, box, demi_sandbox_set_stdio(box->sb, (int)fd, (enum demi_stdio)how));
}

/* [-0, +1, v]  sb:cwd(path) */
static int set_cwd(lua_State *L)
{
	struct box *box = check_box(L, 1);

	return push_result(L, box, demi_sandbox_set_cwd(box->sb, check_cstring(L, 2)));
}

/* [-0, +1|3, v]  sb:env(name, value|nil) */
static int set_env(lua_State *L)
{
	struct box *box = check_box(L, 1);
	const char *name = check_cstring(L, 2);
	const char *value = lua_isnoneornil(L, 3) ? NULL : check_cstring(L, 3);

	return push_result(L, box, demi_sandbox_set_env(box->sb, name, value));
}

static int clear_env(lua_State *L)
{
	demi_sandbox_clear_env(check_box(L, 1)->sb);
	return 0;
}

/* [-0, +0, v]  sb:time_limit(ms) */
static int set_time_limit(lua_State *L)
{
	struct box *box = check_box(L, 1);

	demi_sandbox_set_time_limit(box->sb, (uint64_t)check_positive(L, 2));
	return 0;
}

/* [-0, +1, v]  sb:handler_limit(ms) */
static int set_handler_limit(lua_State *L)
{
	struct box *box = check_box(L, 1);
	uint64_t ms = (uint64_t)check_positive(L, 2);

	return push_result(L, box, demi_sandbox_set_handler_limit(box->sb, ms));
}

/* [-0, +0, v]  sb:memory_limit(bytes) */
static int set_memory_limit(lua_State *L)
{
	struct box *box = check_box(L, 1);
	lua_Integer bytes = luaL_checkinteger(L, 2);

	luaL_argcheck(L, bytes > 0, 2, "a positive number is needed");
	box->budget.limit = (size_t)bytes;
	return 0;
}

/* [-0, +0, v]  sb:hold_limit(calls|nil, ms|nil) */
static int set_hold_limit(lua_State *L)
{
	struct box *box = check_box(L, 1);
	lua_Integer calls = lua_isnoneornil(L, 2) ? 0 : check_positive(L, 2);
	lua_Integer ms = lua_isnoneornil(L, 3) ? 0 : check_positive(L, 3);

	demi_sandbox_set_hold_limit(box->sb, (unsigned int)calls, (uint64_t)ms);
	return 0;
}

static int forward_signals(lua_State *L)
{
	demi_sandbox_forward_signals(check_box(L, 1)->sb);
	return 0;
}

static void end_process(void *ud, const char *what)
{
	(void)ud;
	dprintf(STDERR_FILENO, "demilune: %s\n", what);
	_exit(125);
}

/* sb:exit_when_stuck(): for the command, which has nothing left to do then */
static int exit_when_stuck(lua_State *L)
{
	demi_sandbox_on_stuck(check_box(L, 1)->sb, end_process, NULL);
	return 0;
}

/* [-0, +1, v]  pushes the sandbox's functions */
static void push_functions(lua_State *L, int arg)
{
	lua_getiuservalue(L, arg, 1);
}

/* [-0, +0, v]  sb:on_error(fn) */
static int set_on_error(lua_State *L)
{
	check_box(L, 1);
	luaL_checktype(L, 2, LUA_TFUNCTION);
	push_functions(L, 1);
	lua_pushvalue(L, 2);
	lua_rawseti(L, -2, ON_ERROR);
	return 0;
}

/* [-0, +1, v]  the numbers of the list at arg, in a userdata */
static struct calls check_numbers(lua_State *L, int arg)
{
	luaL_checktype(L, arg, LUA_TTABLE);
	size_t n = (size_t)luaL_len(L, arg);
	int *nrs = lua_newuserdatauv(L, (n + 1) * sizeof *nrs, 0);
	for (size_t i = 0; i < n; i++) {
		lua_geti(L, arg, (lua_Integer)i + 1);
		lua_Integer nr = luaL_checkinteger(L, -1);
		luaL_argcheck(L, 0 <= nr && nr <= INT32_MAX, arg, "no such system call");
		nrs[i] = (int)nr;
		lua_pop(L, 1);
	}
	return (struct calls){ .nrs = nrs, .n = n };
}

/* [-0, +1|3, v]  sb:handle({nr, ...}, fn, on_exception, is_watcher, conditions|nil) */
static int add_handler(lua_State *L)
{
	static const char *const policies[] = {
		[DEMI_EXCEPTION_KILL] = "kill", [DEMI_EXCEPTION_DENY_EPERM] = "deny_eperm",
		[DEMI_EXCEPTION_CONTINUE] = "continue", [DEMI_EXCEPTION_DENY_EIO] = "deny_eio",
		NULL,
	};
	struct box *box = check_box(L, 1);

	lua_settop(L, 6);
	luaL_checktype(L, 3, LUA_TFUNCTION);
	int policy = luaL_checkoption(L, 4, "kill", policies);
	unsigned int flags = lua_toboolean(L, 5) ? DEMI_WATCH : 0;
	struct calls calls = check_numbers(L, 2);
	calls.when = check_conditions(L, 6, &calls.n_when);
	push_functions(L, 1);
	lua_pushvalue(L, 3);
	lua_rawseti(L, -2, box->n_handlers + 1);
	box->n_handlers++;
	int rc = link_bind(L, box, 3, box->n_handlers, &calls, (enum demi_exception)policy,
			   flags);
	return push_result(L, box, rc);
}

/* [-0, +1|3, v]  sb:start(argv) -> run | nil, message, errno */
static int start(lua_State *L)
{
	struct box *box = check_box(L, 1);

	luaL_argcheck(L, luaL_len(L, 2) > 0, 2, "the command is empty");
	return run_start(L, box, 1, check_strings(L, 2));
}

/* [-0, +0, -]  sb:close(), __gc, __close: may run twice; runs keep it open */
static int close_box(lua_State *L)
{
	struct box *box = check_type(L, 1, SANDBOX);

	if (box->n_runs == 0) {
		demi_sandbox_free(box->sb);
		box->sb = NULL;
	}
	return 0;
}

int sandbox_create(lua_State *L)
{
	struct box *box = lua_newuserdatauv(L, sizeof *box, 1);

	*box = (struct box){ .budget.limit = BUDGET_DEFAULT };
	set_type(L, SANDBOX);
	lua_newtable(L);
	lua_setiuservalue(L, -2, 1);
	int rc = demi_sandbox_new(&box->sb);
	return rc < 0 ? push_fail(L, rc, "sandbox") : 1;
}

void sandbox_open(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{ "stdio", set_stdio }, { "cwd", set_cwd }, { "env", set_env },
		{ "clear_env", clear_env }, { "time_limit", set_time_limit },
		{ "handler_limit", set_handler_limit }, { "memory_limit", set_memory_limit },
		{ "hold_limit", set_hold_limit },
		{ "forward_signals", forward_signals }, { "on_error", set_on_error },
		{ "exit_when_stuck", exit_when_stuck }, { "explain", sandbox_explain },
		{ "handle", add_handler }, { "start", start },
		{ "close", close_box },
		{ "__gc", close_box }, { "__close", close_box }, { NULL, NULL },
	};

	new_type(L, SANDBOX, methods);
	access_set_methods(L);
	lua_pop(L, 1);
	confine_open(L);
}
