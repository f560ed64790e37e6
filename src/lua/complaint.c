/* What is said of a function of the policy that did not decide: its line, the reason, and
 * how it got there. */
#include "complaint.h"

#include "thread.h"

#include <errno.h>
#include <lauxlib.h>
#include <string.h>

const char *complaint_push_place(lua_State *L, int index)
{
	lua_Debug ar;

	lua_pushvalue(L, index);
	lua_getinfo(L, ">S", &ar);
	return lua_pushfstring(L, "%s:%d", ar.short_src, ar.linedefined);
}

/* [-0, +1, m]  without its last line, which is the link's own frame */
static const char *push_traceback(lua_State *L, lua_State *co)
{
	static const char ours[] = "\n\t[C]: in ?";
	size_t len, tail = sizeof ours - 1;

	luaL_traceback(L, co, NULL, 0);
	const char *text = lua_tolstring(L, -1, &len);
	if (len >= tail && memcmp(text + len - tail, ours, tail) == 0) {
		lua_pushlstring(L, text, len - tail);
		lua_remove(L, -2);
	}
	return lua_tostring(L, -1);
}

void complain_of_end(const struct complaint *about, int status)
{
	lua_State *L = about->L;

	if (status == LUA_YIELD) {
		thread_push_where(L, about->co);
		lua_pushliteral(L, "a handler waits with ctx:sleep and demilune.wait, it does "
				"not yield otherwise");
		lua_concat(L, 2);
	} else {
		thread_push_error(L, about->co);
	}
	push_traceback(L, about->co);
	demi_mem_fail(about->mem, -EINVAL, lua_tostring(L, -2), lua_tostring(L, -1));
	lua_pop(L, 2);
}

void complain_of_value(const struct complaint *about, const char *why)
{
	lua_State *L = about->L, *co = about->co;
	const char *what = lua_type(co, -1) == LUA_TUSERDATA ? "a userdata"
							     : luaL_typename(co, -1);

	lua_pushfstring(L, "%s: the handler on %s returned %s: %s", complaint_push_place(L, -1),
			about->syscall, what, why);
	demi_mem_fail(about->mem, -EINVAL, lua_tostring(L, -1), NULL);
	lua_pop(L, 2);
}

void complain_of_memory(const struct complaint *about, size_t limit)
{
	lua_State *L = about->L;

	lua_pushfstring(L, "%s: the handler%s%s is out of memory: script.memory gives all "
			"handlers %I bytes", complaint_push_place(L, -1),
			about->syscall ? " on " : "", about->syscall ? about->syscall : "",
			(LUAI_UACINT)limit);
	push_traceback(L, about->co);
	demi_mem_fail(about->mem, -ENOMEM, lua_tostring(L, -2), lua_tostring(L, -1));
	lua_pop(L, 3);
}
