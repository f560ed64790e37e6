/* ctx userdata: one call as its handler sees it, dead when the handler returned. */
#include "ctx.h"

#include "wait.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

struct ctx *ctx_push(lua_State *L, struct demi_mem *mem, const struct demi_notif *notif)
{
	struct ctx *ctx = lua_newuserdatauv(L, sizeof *ctx, 1);

	*ctx = (struct ctx){ mem, notif };
	luaL_setmetatable(L, CTX);
	return ctx;
}

/* [-0, +0, v]  NULL if the call is over */
static struct ctx *check_ctx(lua_State *L)
{
	struct ctx *ctx = luaL_checkudata(L, 1, CTX);

	return ctx->mem ? ctx : NULL;
}

static int push_over(lua_State *L)
{
	luaL_pushfail(L);
	lua_pushliteral(L, "the call is over");
	lua_pushinteger(L, ESRCH);
	return 3;
}

/* [-0, +1|3, v]  ctx:read_cstr(addr, max) -> string | nil, message, errno */
static int ctx_read_cstr(lua_State *L)
{
	struct ctx *ctx = check_ctx(L);
	uint64_t addr = check_address(L, 2);
	lua_Integer max = luaL_optinteger(L, 3, PATH_MAX);
	luaL_Buffer b;

	luaL_argcheck(L, 0 < max && max <= 1024 * 1024, 3, "1 to 1048576 bytes");
	if (!ctx)
		return push_over(L);
	char *dst = luaL_buffinitsize(L, &b, (size_t)max);
	ssize_t n = demi_mem_read_cstr(ctx->mem, addr, dst, (size_t)max);
	if (n < 0)
		return push_fail(L, (int)n, "read_cstr");
	luaL_pushresultsize(&b, (size_t)n);
	return 1;
}

/* [-0, +1|3, v]  ctx:read(addr, len) -> string | nil, message, errno */
static int ctx_read(lua_State *L)
{
	struct ctx *ctx = check_ctx(L);
	uint64_t addr = check_address(L, 2);
	lua_Integer len = luaL_checkinteger(L, 3);
	luaL_Buffer b;

	luaL_argcheck(L, 0 <= len && len <= 1024 * 1024, 3, "0 to 1048576 bytes");
	if (!ctx)
		return push_over(L);
	char *dst = luaL_buffinitsize(L, &b, (size_t)len);
	ssize_t n = demi_mem_read(ctx->mem, addr, dst, (size_t)len);
	if (n < 0)
		return push_fail(L, (int)n, "read");
	luaL_pushresultsize(&b, (size_t)n);
	return 1;
}

/* [-0, +1|3, v]  ctx:write(addr, bytes) -> true | nil, message, errno */
static int ctx_write(lua_State *L)
{
	struct ctx *ctx = check_ctx(L);
	uint64_t addr = check_address(L, 2);
	size_t len;
	const char *bytes = luaL_checklstring(L, 3, &len);

	if (!ctx)
		return push_over(L);
	int rc = demi_mem_write(ctx->mem, addr, bytes, len);
	if (rc < 0)
		return push_fail(L, rc, "write");
	lua_pushboolean(L, 1);
	return 1;
}

/* [-0, +0, v]  which argument, from 0, is the path that is meant */
static int check_path_arg(lua_State *L, const struct demi_notif *notif)
{
	unsigned int paths = demi_syscall_paths(notif->syscall_nr);
	const char *name = demi_syscall_name(notif->syscall_nr);

	if (!paths)
		return luaL_error(L, "%s has no path argument", name);
	if (lua_isnoneornil(L, 2)) {
		if (paths & (paths - 1))
			luaL_error(L, "%s has two paths: say which argument", name);
		return __builtin_ctz(paths);
	}
	lua_Integer arg = luaL_checkinteger(L, 2);
	if (arg < 1 || arg > 6 || !(paths & 1U << (arg - 1)))
		return luaL_error(L, "argument %d of %s is not a path", (int)arg, name);
	return (int)arg - 1;
}

/* [-0, +1|3, v]  ctx:read_path([arg]) -> string | nil, message, errno */
static int ctx_read_path(lua_State *L)
{
	struct ctx *ctx = check_ctx(L);
	char path[PATH_MAX];

	if (!ctx)
		return push_over(L);
	int arg = check_path_arg(L, ctx->notif);
	ssize_t n = demi_mem_read_cstr(ctx->mem, ctx->notif->args[arg], path, sizeof path);
	if (n < 0)
		return push_fail(L, (int)n, "read_path");
	lua_pushlstring(L, path, (size_t)n);
	return 1;
}

/* [-0, +1|3, e]  ctx:sleep(seconds) -> true | nil, message, errno */
static int ctx_sleep(lua_State *L)
{
	return check_ctx(L) ? wait_sleep(L) : push_over(L);
}

/* [-0, +1, m]  ctx.args: a copy that nobody can change */
static int get_args(lua_State *L, const struct demi_notif *notif)
{
	uint64_t *args = lua_newuserdatauv(L, sizeof notif->args, 0);

	memcpy(args, notif->args, sizeof notif->args);
	luaL_setmetatable(L, ARGS);
	return 1;
}

enum field { F_ID = 1, F_PID, F_FLAGS, F_NR, F_ARCH, F_IP, F_NAME, F_ARGS };

static int push_field(lua_State *L, const struct demi_notif *notif, enum field field)
{
	switch (field) {
	case F_ID:
		lua_pushinteger(L, (lua_Integer)notif->id);
		return 1;
	case F_PID:
		lua_pushinteger(L, notif->pid);
		return 1;
	case F_FLAGS:
		lua_pushinteger(L, notif->flags);
		return 1;
	case F_NR:
		lua_pushinteger(L, notif->syscall_nr);
		return 1;
	case F_ARCH:
		lua_pushinteger(L, notif->arch);
		return 1;
	case F_IP:
		lua_pushinteger(L, (lua_Integer)notif->instruction_pointer);
		return 1;
	case F_NAME:
		lua_pushstring(L, demi_syscall_name(notif->syscall_nr));
		return 1;
	case F_ARGS:
		return get_args(L, notif);
	}
	return 0;
}

/* [-0, +1, v]  upvalue: name -> method, or number of a field */
static int ctx_index(lua_State *L)
{
	struct ctx *ctx = check_ctx(L);

	lua_settop(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNUMBER)
		return 1;
	return ctx ? push_field(L, ctx->notif, (enum field)lua_tointeger(L, -1)) : 0;
}

/* [-0, +1, m]  getppid(0, 0x1, ...): the registers */
static int ctx_tostring(lua_State *L)
{
	struct ctx *ctx = check_ctx(L);
	char text[160];

	if (!ctx) {
		lua_pushliteral(L, "ctx of a call that is over");
		return 1;
	}
	const uint64_t *a = ctx->notif->args;
	snprintf(text, sizeof text, "(%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64
		 ", %#" PRIx64 ", %#" PRIx64 ")", a[0], a[1], a[2], a[3], a[4], a[5]);
	lua_pushfstring(L, "%s%s", demi_syscall_name(ctx->notif->syscall_nr), text);
	return 1;
}

/* [-0, +0, v] */
static int is_read_only(lua_State *L)
{
	return luaL_error(L, "a ctx is read-only");
}

/* [-0, +1, v]  args[1..6] */
static int args_index(lua_State *L)
{
	const uint64_t *args = luaL_checkudata(L, 1, ARGS);
	lua_Integer i = lua_isinteger(L, 2) ? lua_tointeger(L, 2) : 0;

	if (i < 1 || i > 6)
		return luaL_error(L, "a system call has arguments 1 to 6");
	lua_pushinteger(L, (lua_Integer)args[i - 1]);
	return 1;
}

/* [-0, +1, -] */
static int args_len(lua_State *L)
{
	lua_pushinteger(L, 6);
	return 1;
}

/* [-0, +1, m]  name -> method or field, for ctx_index */
static void push_members(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{ "read_cstr", ctx_read_cstr },
		{ "read", ctx_read },
		{ "write", ctx_write },
		{ "read_path", ctx_read_path },
		{ "sleep", ctx_sleep },
		{ NULL, NULL },
	};
	static const struct {
		const char *name;
		enum field field;
	} fields[] = {
		{ "id", F_ID }, { "pid", F_PID }, { "flags", F_FLAGS }, { "nr", F_NR },
		{ "syscall_nr", F_NR }, { "arch", F_ARCH }, { "ip", F_IP },
		{ "instruction_pointer", F_IP }, { "name", F_NAME }, { "args", F_ARGS },
	};

	luaL_newlib(L, methods);
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		lua_pushinteger(L, fields[i].field);
		lua_setfield(L, -2, fields[i].name);
	}
}

void ctx_open(lua_State *L)
{
	static const luaL_Reg meta[] = {
		{ "__tostring", ctx_tostring }, { "__newindex", is_read_only }, { NULL, NULL },
	};
	static const luaL_Reg args_meta[] = {
		{ "__len", args_len }, { "__newindex", is_read_only }, { NULL, NULL },
	};

	new_type(L, CTX, meta);
	push_members(L);
	lua_pushcclosure(L, ctx_index, 1);
	lua_setfield(L, -2, "__index");
	new_type(L, ARGS, args_meta);
	lua_pushcfunction(L, args_index);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 2);
}
