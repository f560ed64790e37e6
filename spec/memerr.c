/*
 * memerr - fails the n-th Lua allocation of a run, for every n until the
 * run needs no more, once alone and once with all that come after it
 *
 * memerr program - the program that is run: asks for what the handlers decide
 *
 * Whatever fails, the program sees what a handler decided or its exception policy,
 * never what the kernel would have done; and no memory, descriptor or child is left.
 */
#include "capi.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same state does all runs; a failure in it must not spoil the next one. */
static const char script[] =
	"local demilune = require 'demilune'\n"
	"local settings = { log = false, limits = { time = '10s' } }\n"
	"local function policy(fn) return { handle = fn, on_exception = 'deny_eio' } end\n"
	"local entries = {\n"
	"  { 'getppid', policy(function(ctx)\n"
	"    return demilune.returns(#(ctx.name .. tostring(ctx.id))  > 0 and 42) end) },\n"
	"  { 'getuid', policy(function() return demilune.inject_bytes('x') end) },\n"
	"  { 'getgid', policy(function()\n"
	"    local file <close> = io.open '/dev/null'\n"
	"    return demilune.inject_fd(file, { on_success = function(fd) return {fd} end }) end) },\n"
	"  { 'chdir', policy(function(ctx)\n"
	"    return demilune.deny(ctx:read_path() == '/no/where' and 'ENOSPC' or 'EPERM') end) },\n"
	"  { 'getpgrp', policy(function() error { 'broken' } end) },\n"
	"  { 'getcwd', policy(function() error 'broken' end) },\n"
	"}\n"
	"return function()\n"
	"  local box = demilune.sandbox(settings)\n"
	"  local running <close> = assert(box:popen({ '/proc/self/exe', 'program' }, entries))\n"
	"  while running:step() do nap() end\n"
	"  return running:result().exit_code\n"
	"end\n";

/* ---- the program: 0 if each call gave what some handler or policy may give */

static int is_one_of(long result, long wanted)
{
	return result == wanted || (result < 0 && errno == EIO);
}

static int is_fd(long result)
{
	return result >= 3 || (result < 0 && errno == EIO);
}

static int program(void)
{
	char cwd[64];

	return !is_one_of(syscall(SYS_getppid), 42) << 0 | !is_fd(syscall(SYS_getuid)) << 1 |
	       !is_fd(syscall(SYS_getgid)) << 2 |
	       !(syscall(SYS_chdir, "/no/where") < 0 && (errno == ENOSPC || errno == EIO)) << 3 |
	       !is_one_of(syscall(SYS_getpgid, 0) < 0 ? -1 : 0, 0) << 4 |
	       !is_one_of(syscall(SYS_getcwd, cwd, sizeof cwd), -1) << 5;
}

/* ---- an allocator that fails */

static struct {
	size_t held;		/* bytes, without what malloc(3) itself needs */
	long left;		/* allocations until one fails; negative: none does */
	int for_ever;		/* all that come after it fail, too */
	int has_failed;
} memory = { .left = -1 };

static int may_fail(void)
{
	if (memory.left < 0 || memory.left-- > 0)
		return 0;
	/* Lua collects its garbage and asks once more before it gives up */
	memory.left = memory.for_ever || !memory.has_failed ? 0 : -1;
	memory.has_failed = 1;
	return 1;
}

static void *allocate(void *ud, void *block, size_t old, size_t new)
{
	(void)ud;
	if (!block)
		old = 0;
	if (new > old && may_fail())
		return NULL;
	memory.held += new - old;
	if (new)
		return realloc(block, new);
	free(block);
	return NULL;
}

static void arm(long n, int for_ever)
{
	memory.left = n;
	memory.for_ever = for_ever;
	memory.has_failed = 0;
}

/* ---- the sweep */

/* poll(2) would do, but a short sleep needs no argument that could fail */
static int nap(lua_State *L)
{
	(void)L;
	usleep(200);
	return 0;
}

static int check_lua(lua_State *L, int status)
{
	if (status != LUA_OK)
		puts(lua_tostring(L, -1));
	return status == LUA_OK;
}

static lua_State *new_state(void)
{
	lua_State *L = lua_newstate(allocate, NULL);

	CHECK(L);
	luaL_openlibs(L);
	lua_register(L, "nap", nap);
	CHECK(check_lua(L, luaL_dostring(L, "package.path = 'lua/?.lua;lua/?/init.lua'")));
	lua_getglobal(L, "package");
	const char *build = getenv("DEMILUNE_BUILD");
	lua_pushfstring(L, "%s/lua/?.so", build ? build : "build");
	lua_setfield(L, -2, "cpath");
	lua_pop(L, 1);
	return L;
}

struct totals {
	long runs, errors;
};

/* Returns 0 when the run needed fewer than n allocations */
static int run_failing(lua_State *L, long n, int for_ever, struct totals *totals)
{
	lua_pushvalue(L, -1);
	arm(n, for_ever);
	int status = lua_pcall(L, 0, 1, 0);
	int has_failed = memory.has_failed;
	memory.left = -1;
	totals->runs++;
	if (status != LUA_OK) {
		totals->errors++;
		CHECK(status == LUA_ERRMEM || lua_isstring(L, -1));
	} else {
		if (lua_tointeger(L, -1) != 0)
			printf("allocation %ld: program exits with %d\n", n,
			       (int)lua_tointeger(L, -1));
		CHECK(lua_isinteger(L, -1) && lua_tointeger(L, -1) == 0);
	}
	lua_settop(L, 1);
	return has_failed;
}

static void sweep(int for_ever, struct totals *totals)
{
	int fds = count_fds();
	lua_State *L = new_state();

	CHECK(check_lua(L, luaL_dostring(L, script)));
	for (long n = 0, goes_on = 1; goes_on; n++) {
		goes_on = run_failing(L, n, for_ever, totals);
		if (n % 16 && goes_on)
			continue;
		lua_gc(L, LUA_GCCOLLECT);
		lua_gc(L, LUA_GCCOLLECT);
		if (count_fds() != fds)
			printf("allocation %ld: %d descriptors, not %d\n", n, count_fds(), fds);
		CHECK(count_fds() == fds);
		CHECK(!has_children());
	}
	lua_close(L);
	CHECK(memory.held == 0);
}

/* The same for the opening of the module. */
static void sweep_open(struct totals *totals)
{
	int status = !LUA_OK;

	for (long n = 0; status != LUA_OK; n++) {
		lua_State *L = new_state();
		CHECK(luaL_loadstring(L, "return require 'demilune.core'") == LUA_OK);
		arm(n, 1);
		status = lua_pcall(L, 0, 0, 0);
		memory.left = -1;
		totals->errors += status != LUA_OK;
		totals->runs++;
		lua_close(L);
		CHECK(memory.held == 0);
	}
}

int main(int argc, char **argv)
{
	struct totals totals = { 0 };

	(void)argv;
	if (argc == 2)
		_exit(program());
	sweep_open(&totals);
	sweep(0, &totals);
	sweep(1, &totals);
	printf("%ld runs, %ld ended in a Lua error\n", totals.runs, totals.errors);
	return 0;
}
