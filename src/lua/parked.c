/* The handlers that wait: the ctx of each, with its coroutine, by the id of its call. */
#include "parked.h"

/* [-0, +1, m]  functions[PARKED]: by the id of their calls, the ctx of handlers that wait */
static void push_parked(lua_State *L, int functions)
{
	if (lua_rawgeti(L, functions, PARKED) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_rawseti(L, functions, PARKED);
}

/* [-0, +0, m]  ends the coroutines of calls that were decided without their handlers */
static void sweep(lua_State *L, int parked, struct box *box, struct demi_mem *mem)
{
	box->n_parked = 0;
	for (lua_pushnil(L); lua_next(L, parked); lua_pop(L, 1)) {
		lua_Integer id = lua_tointeger(L, -2);
		if (demi_mem_holds(mem, (uint64_t)id)) {
			box->n_parked++;
			continue;
		}
		lua_getiuservalue(L, -1, 1);
		lua_resetthread(lua_tothread(L, -1));	/* its variables are closed */
		lua_pop(L, 1);
		lua_pushvalue(L, -2);
		lua_pushnil(L);
		lua_rawset(L, parked);	/* an existing field may be cleared meanwhile */
	}
}

enum { SWEEP_FROM = 64 };

void parked_put(lua_State *L, int functions, lua_State *co, int ctx, struct box *box,
		struct demi_mem *mem, uint64_t id)
{
	lua_pushthread(co);
	lua_xmove(co, L, 1);
	lua_setiuservalue(L, ctx, 1);
	push_parked(L, functions);
	if (box->n_parked >= box->sweep_at) {
		sweep(L, lua_gettop(L), box, mem);
		box->sweep_at = 2 * box->n_parked + SWEEP_FROM;
	}
	lua_pushvalue(L, ctx);
	lua_rawseti(L, -2, (lua_Integer)id);
	lua_pop(L, 1);
	box->n_parked++;
}

int parked_take(lua_State *L, int functions, struct box *box, uint64_t id)
{
	push_parked(L, functions);
	if (lua_rawgeti(L, -1, (lua_Integer)id) != LUA_TUSERDATA) {
		lua_pop(L, 2);
		return 0;
	}
	lua_pushnil(L);
	lua_rawseti(L, -3, (lua_Integer)id);
	lua_remove(L, -2);
	lua_getiuservalue(L, -1, 1);
	lua_insert(L, -2);
	box->n_parked--;
	return 1;
}
