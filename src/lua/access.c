/* The sandbox's methods about files, ports and namespaces. */
#include "sandbox.h"

#include <string.h>

/* [-0, +1|3, v]  sb:path("read"|"write"|"deny", path, is_optional) */
static int add_path(lua_State *L)
{
	static const char *const verbs[] = { "read", "write", "deny", NULL };
	static const unsigned int flags[] = { DEMI_PATH_READ, DEMI_PATH_WRITE, DEMI_PATH_DENY };
	struct box *box = check_box(L, 1);
	unsigned int flag = flags[luaL_checkoption(L, 2, NULL, verbs)];
	const char *path = check_cstring(L, 3);

	if (lua_toboolean(L, 4))
		flag |= DEMI_PATH_OPTIONAL;
	return push_result(L, box, demi_sandbox_add_path(box->sb, path, flag));
}

/* [-0, +0, v]  sb:confine_files() */
static int confine_files(lua_State *L)
{
	demi_sandbox_confine_files(check_box(L, 1)->sb);
	return 0;
}

/* [-0, +0, v]  sb:confine_net() */
static int confine_net(lua_State *L)
{
	demi_sandbox_confine_net(check_box(L, 1)->sb);
	return 0;
}

static unsigned int check_port(lua_State *L, int arg)
{
	lua_Integer port = luaL_checkinteger(L, arg);

	luaL_argcheck(L, 0 <= port && port <= UINT16_MAX, arg, "a port is 0 to 65535");
	return (unsigned int)port;
}

/* [-0, +1|3, v]  sb:port("connect"|"bind", first, last) */
static int add_port(lua_State *L)
{
	static const char *const names[] = { "connect", "bind", NULL };
	static const unsigned int ways[] = { DEMI_TCP_CONNECT, DEMI_TCP_BIND };
	struct box *box = check_box(L, 1);
	unsigned int way = ways[luaL_checkoption(L, 2, NULL, names)];
	unsigned int first = check_port(L, 3), last = check_port(L, 4);

	return push_result(L, box, demi_sandbox_add_port(box->sb, way, first, last));
}

/* [-0, +1|3, v]  sb:connect_address("10.0.0.0/8:443") */
static int connect_address(lua_State *L)
{
	struct box *box = check_box(L, 1);

	return push_result(L, box, demi_sandbox_connect_address(box->sb, check_cstring(L, 2)));
}

/* [-0, +2, v]  parse_address(text) -> first port, last port | nil, message */
int access_parse_address(lua_State *L)
{
	struct demi_address address;
	char why[512];

	if (demi_address_parse(check_cstring(L, 1), &address, why, sizeof why) < 0) {
		luaL_pushfail(L);
		lua_pushstring(L, why);
	} else {
		lua_pushinteger(L, address.first_port);
		lua_pushinteger(L, address.last_port);
	}
	return 2;
}

/* [-0, +1|3, v]  sb:isolate("net"|"pid"|"ipc"|"uts"|"mount"|"root") */
static int isolate(lua_State *L)
{
	static const char *const names[] = { "net", "pid", "ipc", "uts", "mount", "root", NULL };
	static const unsigned int flags[] = {
		DEMI_ISOLATE_NET, DEMI_ISOLATE_PID, DEMI_ISOLATE_IPC, DEMI_ISOLATE_UTS,
		DEMI_ISOLATE_MOUNT, DEMI_ISOLATE_ROOT,
	};
	struct box *box = check_box(L, 1);
	unsigned int flag = flags[luaL_checkoption(L, 2, NULL, names)];

	return push_result(L, box, demi_sandbox_isolate(box->sb, flag));
}

static unsigned int check_protection(lua_State *L, int arg)
{
	const char *name = luaL_checkstring(L, arg), *known;

	for (unsigned int p = 0; (known = demi_protection_name(p)); p++)
		if (strcmp(known, name) == 0)
			return p;
	return (unsigned int)luaL_argerror(L, arg, "no such protection");
}

/* [-0, +1|3, v]  sb:on_missing(name, "error"|"degrade") */
static int on_missing(lua_State *L)
{
	static const char *const hows[] = { "error", "degrade", NULL };
	struct box *box = check_box(L, 1);
	unsigned int protection = check_protection(L, 2);
	int degrades = luaL_checkoption(L, 3, NULL, hows);

	return push_result(L, box, demi_sandbox_on_missing(box->sb, protection, degrades));
}

void push_protections(lua_State *L, unsigned int set)
{
	const char *name;
	lua_Integer n = 0;

	lua_newtable(L);
	for (unsigned int p = 0; (name = demi_protection_name(p)); p++) {
		if (!(set >> p & 1))
			continue;
		lua_pushstring(L, name);
		lua_rawseti(L, -2, ++n);
	}
}

void push_protection_list(lua_State *L, unsigned int end)
{
	lua_newtable(L);
	for (unsigned int p = 0; p < end; p++) {
		lua_createtable(L, 0, 2);
		lua_pushstring(L, demi_protection_name(p));
		lua_setfield(L, -2, "name");
		lua_pushboolean(L, demi_protection_is_there(p));
		lua_setfield(L, -2, "is_there");
		lua_rawseti(L, -2, (lua_Integer)p + 1);
	}
}

/* [-0, +1, m]  protections() -> as push_protection_list() */
int access_protections(lua_State *L)
{
	push_protection_list(L, DEMI_PROTECTION_END);
	return 1;
}

void access_set_methods(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{ "path", add_path }, { "confine_files", confine_files },
		{ "confine_net", confine_net }, { "port", add_port },
		{ "connect_address", connect_address },
		{ "isolate", isolate }, { "on_missing", on_missing }, { NULL, NULL },
	};

	luaL_setfuncs(L, methods, 0);
}
