/* The coroutines that handlers run in. */
#ifndef DEMI_LUA_THREAD_H
#define DEMI_LUA_THREAD_H

#include "budget.h"

#include <demilune.h>

/* Whose limits the hook looks at; a host may serve runs in several threads. */
struct asking {
	struct demi_mem *mem;		/* NULL: no handler is asked */
	struct budget *budget;
	lua_State *co;			/* of the handler: it alone can wait; or NULL */
};

extern _Thread_local struct asking asking;

/* [-0, +1, m]  a coroutine under the hook */
lua_State *thread_new(lua_State *L);

/* [-0, +1, m]  "policy.lua:3: " of the innermost Lua function of co, or "" */
void thread_push_where(lua_State *L, lua_State *co);

/* [-0, +1, m]  the error value on top of co as text; a __tostring may fail or loop */
void thread_push_error(lua_State *L, lua_State *co);

#endif
