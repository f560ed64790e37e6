/* ctx userdata: one call as its handler sees it, dead when the handler returned. */
#include "ctx.h"

#include "wait.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

/* of a call with one path, every byte of which is escaped */
enum { TEXT_CAP = 5 * PATH_MAX };

struct ctx *ctx_push(lua_State *L, struct demi_mem *mem, const struct demi_notif *notif)
{
	struct ctx *ctx = lua_newuserdatauv(L, sizeof *ctx, 1);

	*ctx = (struct ctx){ mem, notif };
	set_type(L, CTX);
	return ctx;
}

struct ctx *check_ctx(lua_State *L)
{
	struct ctx *ctx = check_type(L, 1, CTX);

	return ctx->mem ? ctx : NULL;
}

/* [-0, +1, m]  a text of the caller's; nil if the world refuses it */
static int push_text(lua_State *L, ssize_t n, const char *text)
{
	if (n < 0)
		luaL_pushfail(L);
	else
		lua_pushlstring(L, text, (size_t)n);
	return 1;
}

/* [-0, +1, m]  ctx.tgid, ctx.ppid */
static int push_process(lua_State *L, struct demi_mem *mem, int is_parent)
{
	pid_t tgid, ppid;

	if (demi_mem_ids(mem, &tgid, &ppid) < 0)
		luaL_pushfail(L);
	else
		lua_pushinteger(L, is_parent ? ppid : tgid);
	return 1;
}

/* [-0, +1, m]  ctx.cwd; a directory that was removed has no name */
static int push_cwd(lua_State *L, struct demi_mem *mem)
{
	char path[PATH_MAX];
	int is_deleted;
	ssize_t n = demi_mem_fd_path(mem, AT_FDCWD, path, sizeof path, &is_deleted);

	return push_text(L, is_deleted ? -ENOENT : n, path);
}

int push_over(lua_State *L)
{
	luaL_pushfail(L);
	lua_pushliteral(L, "the call is over");
	lua_pushinteger(L, ESRCH);
	return 3;
}

/* [-0, +1|3, e]  ctx:sleep(seconds) -> true | nil, message, errno */
static int ctx_sleep(lua_State *L)
{
	return check_ctx(L) ? wait_sleep(L) : push_over(L);
}

enum field { F_ID = 1, F_PID, F_FLAGS, F_NR, F_ARCH, F_IP, F_NAME, F_ARGS,
	     F_COMM, F_EXE, F_CWD, F_PPID, F_TGID, F_PROCESS };

/* [-0, +1, m]  what is read of the caller when it is asked for */
static int push_caller(lua_State *L, struct demi_mem *mem, enum field field)
{
	char text[PATH_MAX];

	switch (field) {
	case F_COMM:
		return push_text(L, demi_mem_comm(mem, text, sizeof text), text);
	case F_EXE:
		return push_text(L, demi_mem_exe(mem, text, sizeof text), text);
	case F_CWD:
		return push_cwd(L, mem);
	default:
		return push_process(L, mem, field == F_PPID);
	}
}

static int push_field(lua_State *L, struct ctx *ctx, enum field field)
{
	const struct demi_notif *notif = ctx->notif;

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
		return args_push(L, notif);
	default:
		return push_caller(L, ctx->mem, field);
	}
}

/* [-0, +1, e]  what the members' function name says of the ctx at 1; nil without one */
static int call_member(lua_State *L, const char *name)
{
	if (lua_getfield(L, lua_upvalueindex(1), name) != LUA_TNIL) {
		lua_pushvalue(L, 1);
		lua_call(L, 1, 1);
	}
	return 1;
}

/* [-0, +1, v]  upvalue: name -> method, or number of a field */
static int ctx_index(lua_State *L)
{
	struct ctx *ctx = check_ctx(L);

	lua_settop(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNUMBER)
		return 1;
	enum field field = (enum field)lua_tointeger(L, -1);
	if (!ctx)
		return 0;
	return field == F_PROCESS ? call_member(L, "__process") : push_field(L, ctx, field);
}

/* [-0, +1, e]  openat(AT_FDCWD, "/etc/hosts", O_RDONLY); structures are Lua's matter */
static int ctx_tostring(lua_State *L)
{
	struct ctx *ctx = check_ctx(L);
	char text[TEXT_CAP];

	lua_settop(L, 1);
	if (!ctx) {
		lua_pushliteral(L, "ctx of a call that is over");
		return 1;
	}
	ssize_t n = demi_mem_call_text(ctx->mem, ctx->notif, text, sizeof text);
	if (n >= 0) {
		lua_pushlstring(L, text, (size_t)n);
		return 1;
	}
	call_member(L, "__tostring");
	if (lua_isnil(L, -1))
		lua_pushfstring(L, "%s()", demi_syscall_name(ctx->notif->syscall_nr));
	return 1;
}

/* [-0, +0, v] */
static int is_read_only(lua_State *L)
{
	return luaL_error(L, "a ctx is read-only");
}

/* the registry's place of the members */
static const char members_key;

int ctx_extend(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &members_key);
	for (lua_pushnil(L); lua_next(L, 1);) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, -4);
	}
	return 0;
}

/* [-0, +1, m]  name -> method or field */
static void push_members(lua_State *L)
{
	static const struct {
		const char *name;
		enum field field;
	} fields[] = {
		{ "id", F_ID }, { "pid", F_PID }, { "flags", F_FLAGS }, { "nr", F_NR },
		{ "syscall_nr", F_NR }, { "arch", F_ARCH }, { "ip", F_IP },
		{ "instruction_pointer", F_IP }, { "name", F_NAME }, { "args", F_ARGS },
		{ "comm", F_COMM }, { "exe", F_EXE }, { "cwd", F_CWD },
		{ "ppid", F_PPID }, { "tgid", F_TGID }, { "process", F_PROCESS },
	};

	lua_newtable(L);
	memory_set_methods(L);
	lua_pushcfunction(L, ctx_sleep);
	lua_setfield(L, -2, "sleep");
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		lua_pushinteger(L, fields[i].field);
		lua_setfield(L, -2, fields[i].name);
	}
}

void ctx_open(lua_State *L)
{
	static const luaL_Reg meta[] = { { "__newindex", is_read_only }, { NULL, NULL } };

	new_type(L, CTX, meta);
	push_members(L);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &members_key);
	lua_pushvalue(L, -1);
	lua_pushcclosure(L, ctx_index, 1);
	lua_setfield(L, -3, "__index");
	lua_pushcclosure(L, ctx_tostring, 1);
	lua_setfield(L, -2, "__tostring");
	lua_pop(L, 1);
}
