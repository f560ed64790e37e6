/* Values that cross the border between Lua and the library. */
#ifndef DEMI_LUA_CONVERT_H
#define DEMI_LUA_CONVERT_H

#include <demilune.h>
#include <lauxlib.h>
#include <lua.h>

/*
 * Types of userdata: the name of the metatable, and by its address the key of the
 * registry under which it is found without a string to be made.
 */
extern const char ACTION[], CTX[], ARGS[], SANDBOX[], RUN[], SINK[];

/* [-0, +3, m]  nil, "what: reason", errno */
int push_fail(lua_State *L, int rc, const char *what);

/* [-0, +0, v]  an errno by name or number 1..4095 */
int check_errno(lua_State *L, int arg);

/* [-0, +0, v]  a signal by name ("SIGTERM") or number */
int check_signal(lua_State *L, int arg);

/* the number of "SIGTERM", or 0 */
int signal_number(const char *name);

/* [-0, +1, m]  "EACCES", or the number as a string */
void push_errno_name(lua_State *L, int error);

/* [-0, +1, m]  "SIGTERM", or the number as a string */
void push_signal_name(lua_State *L, int sig);

/* [-0, +1, v]  NULL-terminated strings without NUL of the table at arg, in a userdata
 * that is left on the stack */
char **check_strings(lua_State *L, int arg);

/* [-0, +0, v]  a string without NUL */
const char *check_cstring(lua_State *L, int arg);

/* [-0, +0, v]  a register: an integer */
uint64_t check_address(lua_State *L, int arg);

/* [-1, +1, e]  pops a list of names; pushes ", did you mean ...?" or "" */
void push_hint(lua_State *L, const char *word);

/* [-1, +0, -]  core.set_suggest(fn): fn(word, list) -> nearest or nil */
int convert_set_suggest(lua_State *L);

/* [-0, +0, v]  core.extend_ctx({ name = function, ... }): methods, __tostring, and __process
 * for the field process */
int ctx_extend(lua_State *L);

/* [-0, +1, m]  a new metatable with these methods, __index itself */
void new_type(lua_State *L, const char *type, const luaL_Reg *methods);

/* [-0, +0, -]  makes the userdata on top one of the type */
void set_type(lua_State *L, const char *type);

/* [-0, +0, -]  the userdata at index; NULL if it is not of the type */
void *test_type(lua_State *L, int index, const char *type);

/* [-0, +0, v] */
void *check_type(lua_State *L, int index, const char *type);

/* [-0, +1, m]  a closed Lua file, to be opened by open_file() */
luaL_Stream *new_file(lua_State *L);

/* [-0, +0|3, m]  the file owns fd from here on, also if this fails; its results are
 * those of a C function that has new_file()'s userdata on top */
int open_file(lua_State *L, luaL_Stream *stream, int fd, const char *mode);

int fd_file(lua_State *L);

/* what luaopen_demilune_core puts together */
void action_open(lua_State *L);
void child_open(lua_State *L);
int child_spawn(lua_State *L);
void args_open(lua_State *L);
void ctx_open(lua_State *L);
void facts_open(lua_State *L);
void run_open(lua_State *L);
void sandbox_open(lua_State *L);
void host_open(lua_State *L);
int access_parse_address(lua_State *L);
int sandbox_create(lua_State *L);
int access_protections(lua_State *L);

/* [-0, +1, m]  { { name =, is_there = }, ... } of those below end */
void push_protection_list(lua_State *L, unsigned int end);
int features_find(lua_State *L);

#endif
