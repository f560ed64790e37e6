/* The functions that wait for the end of a performed call: many wait at a time, each
 * under the id of its call in functions[ON_PERFORMED]. */
#include "performed.h"

/* the last errno that the kernel gives, errno(3) */
#define ERRNO_MAX 4095

void performed_keep(lua_State *L, int functions, uint64_t id)
{
	if (lua_rawgeti(L, functions, ON_PERFORMED) != LUA_TTABLE) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_pushvalue(L, -1);
		lua_rawseti(L, functions, ON_PERFORMED);
	}
	lua_insert(L, -2);
	lua_rawseti(L, -2, (lua_Integer)id);
	lua_pop(L, 1);
}

void performed_take(lua_State *L, int functions, uint64_t id)
{
	lua_rawgeti(L, functions, ON_PERFORMED);
	lua_rawgeti(L, -1, (lua_Integer)id);
	lua_pushnil(L);
	lua_rawseti(L, -3, (lua_Integer)id);
	lua_remove(L, -2);
}

void performed_clear(lua_State *L, int functions)
{
	lua_pushnil(L);
	lua_rawseti(L, functions, ON_PERFORMED);
}

int performed_push_result(lua_State *L, int64_t result)
{
	if (result < -ERRNO_MAX || result > -1) {
		lua_pushinteger(L, result);
		return 1;
	}
	luaL_pushfail(L);
	push_errno_name(L, (int)-result);
	lua_pushinteger(L, -result);
	return 3;
}
