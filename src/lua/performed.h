/* The functions that wait for the end of a performed call. */
#ifndef DEMI_LUA_PERFORMED_H
#define DEMI_LUA_PERFORMED_H

#include "sandbox.h"

/* [-1, +0, m]  the function on top waits for the call with this id */
void performed_keep(lua_State *L, int functions, uint64_t id);

/* [-0, +1, m]  pushes it; it is forgotten */
void performed_take(lua_State *L, int functions, uint64_t id);

/* [-0, +0, m]  forgets all: their runs are over */
void performed_clear(lua_State *L, int functions);

/* [-0, +1|3, m]  what such a function is told: value, or nil, "ENOENT", 2 */
int performed_push_result(lua_State *L, int64_t result);

#endif
