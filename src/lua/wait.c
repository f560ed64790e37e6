/*
 * What a handler waits for: it yields a mark, a descriptor, its events and a time,
 * and the chain's link holds the call for so long.
 */
#include "wait.h"

#include "link.h"

#include <errno.h>
#include <poll.h>

/* the mark: a yield of the script's own is no wait */
static const char mark;

enum { N_YIELDED = 4 };

/* [-0, +4, e]  yields */
static int yield(lua_State *L, int fd, int events, lua_Integer ms)
{
	if (!link_is_handler(L))
		return luaL_error(L, "only a handler itself can wait: not a coroutine of its "
				  "own, not a callback, not the policy");
	lua_pushlightuserdata(L, (void *)&mark);
	lua_pushinteger(L, fd);
	lua_pushinteger(L, events);
	lua_pushinteger(L, ms);
	return lua_yield(L, N_YIELDED);
}

/* [-0, +0, v]  seconds as milliseconds, rounded up; -1 for none */
static lua_Integer check_ms(lua_State *L, int arg, int may_lack)
{
	if (may_lack && lua_isnoneornil(L, arg))
		return -1;
	lua_Number seconds = luaL_checknumber(L, arg);
	luaL_argcheck(L, 0 <= seconds && seconds <= INT32_MAX, arg, "seconds, from 0 on");
	lua_Integer ms = (lua_Integer)(seconds * 1000);
	return ms + ((lua_Number)ms < seconds * 1000);
}

int wait_sleep(lua_State *L)
{
	return yield(L, -1, 0, check_ms(L, 2, 0));
}

/* [-0, +0, v]  a number, a Lua file, or what has a method getfd, as sockets have */
static int check_descriptor(lua_State *L, int arg)
{
	luaL_Stream *stream = luaL_testudata(L, arg, LUA_FILEHANDLE);

	if (stream) {
		luaL_argcheck(L, stream->closef, arg, "the file is closed");
		return fileno(stream->f);
	}
	if (lua_type(L, arg) == LUA_TNUMBER) {
		lua_Integer fd = luaL_checkinteger(L, arg);
		luaL_argcheck(L, 0 <= fd && fd <= INT32_MAX, arg, "a descriptor is not negative");
		return (int)fd;
	}
	luaL_argexpected(L, luaL_getmetafield(L, arg, "__index") != LUA_TNIL, arg,
			 "descriptor, file or socket");
	lua_pop(L, 1);
	lua_getfield(L, arg, "getfd");
	lua_pushvalue(L, arg);
	lua_call(L, 1, 1);
	return (int)luaL_checkinteger(L, -1);
}

int wait_fd(lua_State *L)
{
	static const char *const modes[] = { "r", "w", "rw", NULL };
	static const int events[] = { POLLIN, POLLOUT, POLLIN | POLLOUT };
	int fd = check_descriptor(L, 1);
	int mode = luaL_checkoption(L, 2, "r", modes);

	return yield(L, fd, events[mode], check_ms(L, 3, 1));
}

int wait_take(lua_State *co, int n, struct demi_action *act)
{
	if (n != N_YIELDED || lua_touserdata(co, -N_YIELDED) != &mark)
		return -EPROTO;
	int fd = (int)lua_tointeger(co, -3);
	lua_Integer ms = lua_tointeger(co, -1);
	/* for ever: the limit of holds ends it */
	return demi_action_set_hold_until(act, fd, (int)lua_tointeger(co, -2),
					  fd < 0 || ms >= 0 ? ms : -1);
}

int wait_push_results(lua_State *L, lua_State *co, struct demi_mem *mem)
{
	int slept = lua_tointeger(co, -3) < 0, ready = demi_mem_is_ready(mem);

	lua_pop(co, N_YIELDED);
	if (slept || ready) {
		lua_pushboolean(L, 1);
		return 1;
	}
	luaL_pushfail(L);
	lua_pushliteral(L, "timed out");
	lua_pushinteger(L, ETIMEDOUT);
	return 3;
}
