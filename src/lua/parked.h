/* The handlers that wait. */
#ifndef DEMI_LUA_PARKED_H
#define DEMI_LUA_PARKED_H

#include "sandbox.h"

/* [-0, +0, m]  the handler that runs in co and has the ctx at that index waits */
void parked_put(lua_State *L, int functions, lua_State *co, int ctx, struct box *box,
		struct demi_mem *mem, uint64_t id);

/* [-0, +0|2, m]  the coroutine and the ctx of a handler that waited for its call, and 1 */
int parked_take(lua_State *L, int functions, struct box *box, uint64_t id);

#endif
