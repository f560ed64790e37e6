/* What a handler waits for. */
#ifndef DEMI_LUA_WAIT_H
#define DEMI_LUA_WAIT_H

#include "convert.h"

/* [-0, +1|3, e]  ctx:sleep(seconds) -> true | nil, message, errno */
int wait_sleep(lua_State *L);

/* [-0, +1|3, e]  core.wait(fd|file, "r"|"w", seconds) -> true | nil, message, errno */
int wait_fd(lua_State *L);

/*
 * [-0, +0, -]  what the n values on top of co, which yielded them, wait for, as an
 * action that holds
 *
 * Returns 0; -EPROTO: it is no wait; or another -errno.
 */
int wait_take(lua_State *co, int n, struct demi_action *act);

/* [-0, +n, m]  on L, the results of co's wait that is over, to go on with; co has lost
 * what it yielded */
int wait_push_results(lua_State *L, lua_State *co, struct demi_mem *mem);

#endif
