/* The chain's link into Lua. */
#ifndef DEMI_LUA_LINK_H
#define DEMI_LUA_LINK_H

#include "sandbox.h"

struct calls {
	const int *nrs;
	size_t n;
	const struct demi_condition *when;	/* n_when of them; none: always */
	size_t n_when;
};

/*
 * [-0, +1, m]  binds the function on the stack, which is kept at slot index, to the
 * calls; returns as demi_handler_when() and demi_sandbox_handle()
 */
int link_bind(lua_State *L, struct box *box, int function, int index,
	      const struct calls *calls, enum demi_exception on_exception,
	      unsigned int flags);

/* whether L is the coroutine of the handler that is being asked: it can wait */
int link_is_handler(lua_State *L);

#endif
