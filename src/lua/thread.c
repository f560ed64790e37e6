/*
 * The coroutines that handlers run in: under a count hook that stops them when their time
 * or their memory is used up. Coroutines that they make inherit the hook.
 */
#include "thread.h"

#include <lauxlib.h>

/* How many VM instructions run between two looks at the clock's verdict. */
#define HOOK_COUNT 1000

_Thread_local struct asking asking;

void thread_push_where(lua_State *L, lua_State *co)
{
	lua_Debug ar;

	for (int level = 0; lua_getstack(co, level, &ar); level++) {
		lua_getinfo(co, "Sl", &ar);
		if (ar.currentline > 0) {
			lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
			return;
		}
	}
	lua_pushliteral(L, "");
}

static void on_count(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	if (!asking.mem || !(demi_mem_late(asking.mem) || asking.budget->is_over))
		return;
	/* a pcall around the loop catches this error: let the very next step raise again */
	lua_sethook(L, on_count, LUA_MASKCOUNT | LUA_MASKLINE | LUA_MASKCALL | LUA_MASKRET, 1);
	thread_push_where(L, L);	/* luaL_where() would name the caller: level 0 is ours here */
	lua_pushstring(L, asking.budget->is_over ? "the handler is out of memory"
					    : "the handler is out of time");
	lua_concat(L, 2);
	lua_error(L);
}

lua_State *thread_new(lua_State *L)
{
	lua_State *co = lua_newthread(L);

	lua_sethook(co, on_count, LUA_MASKCOUNT, HOOK_COUNT);
	return co;
}

/* [-1, +1, e] */
static int describe(lua_State *L)
{
	luaL_tolstring(L, 1, NULL);
	return 1;
}

void thread_push_error(lua_State *L, lua_State *co)
{
	if (lua_type(co, -1) == LUA_TSTRING) {
		lua_pushvalue(co, -1);
		lua_xmove(co, L, 1);
		return;
	}
	thread_push_where(L, co);
	lua_State *other = thread_new(L);
	lua_pushcfunction(other, describe);
	lua_pushvalue(co, -1);
	lua_xmove(co, other, 1);
	if (lua_pcall(other, 1, 1, 0) == LUA_OK)
		lua_xmove(other, L, 1);
	else
		lua_pushfstring(L, "an error that is a %s", luaL_typename(co, -1));
	lua_remove(L, -2);	/* the thread */
	lua_concat(L, 2);
}
