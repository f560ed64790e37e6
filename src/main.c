/* The command: opens Lua in protected mode and calls demilune.cli. */
#include "embedded.h"

#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int luaopen_demilune_core(lua_State *L);

/* demilune's own failure, as the manual of the command says */
#define FAILURE 125

/* [-0, +1, e]  package.searchers' way to the modules of the command itself */
static int load_embedded(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);

	for (const struct embedded *m = demi_embedded; m->name; m++) {
		if (strcmp(m->name, name) != 0)
			continue;
		if (luaL_loadbufferx(L, (const char *)m->code, m->size, name, "b") != LUA_OK)
			return lua_error(L);
		return 1;
	}
	lua_pushfstring(L, "no module '%s' in the command", name);
	return 1;
}

/*
 * [-0, +0, e]  A tool that sandboxes must not run code from the directory it stands
 * in, nor what the environment names: no "./?.lua", no LUA_PATH, no LUA_CPATH.
 */
static void set_search_path(lua_State *L)
{
	lua_getglobal(L, "package");
	lua_pushliteral(L, "/usr/local/share/lua/5.4/?.lua;/usr/local/share/lua/5.4/?/init.lua;"
			"/usr/share/lua/5.4/?.lua;/usr/share/lua/5.4/?/init.lua");
	lua_setfield(L, -2, "path");
	lua_pushliteral(L, "/usr/local/lib/lua/5.4/?.so;" DEMI_LUA_CPATH);
	lua_setfield(L, -2, "cpath");
	/* before the searchers of files, which would look for each of our modules */
	lua_getfield(L, -1, "searchers");
	for (lua_Integer i = luaL_len(L, -1); i >= 1; i--) {
		lua_rawgeti(L, -1, i);
		lua_rawseti(L, -2, i + 1);
	}
	lua_pushcfunction(L, load_embedded);
	lua_rawseti(L, -2, 1);
	lua_getfield(L, -2, "preload");
	lua_pushcfunction(L, luaopen_demilune_core);
	lua_setfield(L, -2, "demilune.core");
	lua_pop(L, 3);
}

/* [-2, +1, e]  argc, argv -> exit status */
static int run(lua_State *L)
{
	int argc = (int)lua_tointeger(L, 1);
	char **argv = lua_touserdata(L, 2);

	lua_pushboolean(L, 1);	/* luaL_openlibs: LUA_PATH and the like mean nothing */
	lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
	/* What a start makes is kept: a collection finds nothing. The program's start ends
	 * this, in lua/demilune/commands/launch.lua. */
	lua_gc(L, LUA_GCSTOP);
	luaL_openlibs(L);
	set_search_path(L);
	lua_getglobal(L, "require");
	lua_pushliteral(L, "demilune.cli");
	lua_call(L, 1, 1);
	lua_getfield(L, -1, "main");
	lua_createtable(L, argc, 0);
	for (int i = 1; i < argc; i++) {
		lua_pushstring(L, argv[i]);
		lua_rawseti(L, -2, i);
	}
	lua_call(L, 1, 1);
	return 1;
}

/* A run that starts with 0, 1 or 2 closed would get other files there. */
static int fill_stdio(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (0 <= fd && fd <= 2);
	return fd < 0 ? -1 : close(fd);
}

int main(int argc, char **argv)
{
	lua_State *L = fill_stdio() < 0 ? NULL : luaL_newstate();

	if (!L) {
		fputs("demilune: not enough memory or descriptors\n", stderr);
		return FAILURE;
	}
	lua_pushcfunction(L, run);
	lua_pushinteger(L, argc);
	lua_pushlightuserdata(L, argv);
	int status = FAILURE;
	if (lua_pcall(L, 2, 1, 0) == LUA_OK)
		status = (int)lua_tointeger(L, -1);
	else
		fprintf(stderr, "demilune: %s\n", luaL_tolstring(L, -1, NULL));
	lua_close(L);
	return status;
}
