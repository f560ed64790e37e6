/* The methods of a ctx that read and write its program's memory, and its paths. */
#include "ctx.h"

#include <errno.h>
#include <limits.h>

/* [-0, +1|3, v]  ctx:read_cstr(addr, max) -> string | nil, message, errno */
static int ctx_read_cstr(lua_State *L)
{
	struct ctx *ctx = check_ctx(L);
	uint64_t addr = check_address(L, 2);
	lua_Integer max = luaL_optinteger(L, 3, PATH_MAX);
	char path[PATH_MAX];	/* a buffer of Lua's of this size is garbage each time */
	luaL_Buffer b;

	luaL_argcheck(L, 0 < max && max <= 1024 * 1024, 3, "1 to 1048576 bytes");
	if (!ctx)
		return push_over(L);
	char *dst = max <= PATH_MAX ? path : luaL_buffinitsize(L, &b, (size_t)max);
	ssize_t n = demi_mem_read_cstr(ctx->mem, addr, dst, (size_t)max);
	if (n < 0)
		return push_fail(L, (int)n, "read_cstr");
	if (dst == path)
		lua_pushlstring(L, path, (size_t)n);
	else
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
	int arg = check_arg(L, 2, notif->syscall_nr);
	if (!(paths & 1U << arg))
		return luaL_error(L, "argument %d of %s is not a path", arg + 1, name);
	return arg;
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

/* [-0, +1|3, v]  ctx:real_path([arg]) -> string | nil, message, errno */
static int ctx_real_path(lua_State *L)
{
	struct ctx *ctx = check_ctx(L);
	char path[PATH_MAX];

	if (!ctx)
		return push_over(L);
	int nr = ctx->notif->syscall_nr;
	luaL_argcheck(L, demi_syscall_resolvable(nr), 1, "where its path leads is not known");
	/* of connect it is the path in the address, its second argument */
	int arg = demi_syscall_paths(nr) ? check_path_arg(L, ctx->notif) : 1;
	ssize_t n = demi_mem_real_path(ctx->mem, arg, path, sizeof path);
	if (n < 0)
		return push_fail(L, (int)n, "real_path");
	lua_pushlstring(L, path, (size_t)n);
	return 1;
}

/* [-0, +1|3, v]  ctx:path([arg]) -> string | nil, message, errno */
static int ctx_path(lua_State *L)
{
	struct ctx *ctx = check_ctx(L);
	char path[DEMI_PATH_CAP];

	if (!ctx)
		return push_over(L);
	int arg = check_path_arg(L, ctx->notif);
	ssize_t n = demi_mem_path(ctx->mem, arg, path, sizeof path);
	if (n < 0)
		return push_fail(L, (int)n, "path");
	lua_pushlstring(L, path, (size_t)n);
	return 1;
}

/* [-0, +1|2|3, v]  ctx:fd_path(fd) -> string, is_deleted | nil, message, errno */
static int ctx_fd_path(lua_State *L)
{
	struct ctx *ctx = check_ctx(L);
	lua_Integer fd = luaL_checkinteger(L, 2);
	char path[PATH_MAX];
	int is_deleted;

	luaL_argcheck(L, fd == (int)fd, 2, "a descriptor is an int");
	if (!ctx)
		return push_over(L);
	ssize_t n = demi_mem_fd_path(ctx->mem, (int)fd, path, sizeof path, &is_deleted);
	if (n < 0)
		return push_fail(L, (int)n, "fd_path");
	lua_pushlstring(L, path, (size_t)n);
	lua_pushboolean(L, is_deleted);
	return 2;
}

void memory_set_methods(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{ "read_cstr", ctx_read_cstr }, { "read", ctx_read }, { "write", ctx_write },
		{ "read_path", ctx_read_path }, { "path", ctx_path },
		{ "real_path", ctx_real_path },
		{ "fd_path", ctx_fd_path }, { NULL, NULL },
	};

	luaL_setfuncs(L, methods, 0);
}
