/*
 * lua SCRIPT [ARGUMENT...] - lua5.4 for a sanitized core.so: the sanitizer's runtime
 * must be in the program, and Lua must be one whose memory it sees.
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>

static int run(lua_State *L)
{
	int argc = (int)lua_tointeger(L, 1);
	char **argv = lua_touserdata(L, 2);

	luaL_openlibs(L);
	lua_createtable(L, argc, 0);
	for (int i = 0; i < argc; i++) {
		lua_pushstring(L, argv[i]);
		lua_rawseti(L, -2, i - 1);
	}
	lua_setglobal(L, "arg");
	if (luaL_loadfile(L, argv[1]) != LUA_OK)
		return lua_error(L);
	for (int i = 2; i < argc; i++)
		lua_pushstring(L, argv[i]);
	lua_call(L, argc - 2, 0);
	return 0;
}

int main(int argc, char **argv)
{
	lua_State *L = argc < 2 ? NULL : luaL_newstate();

	if (!L)
		return 2;
	lua_pushcfunction(L, run);
	lua_pushinteger(L, argc);
	lua_pushlightuserdata(L, argv);
	int status = lua_pcall(L, 2, 0, 0);
	if (status != LUA_OK)
		fprintf(stderr, "%s\n", lua_tostring(L, -1));
	lua_close(L);
	return status != LUA_OK;
}
