/* The memory that handlers may take of a lua_State that is not ours. */
#ifndef DEMI_LUA_BUDGET_H
#define DEMI_LUA_BUDGET_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* Of one sandbox; all its handlers share it. */
struct budget {
	size_t limit;		/* twice of it for a moment, until garbage is collected */
	size_t held;		/* what was allocated while runs were served, and not freed */
	size_t total;		/* of the state, when it was last served */
	bool is_strict;		/* a handler runs: nothing beyond the limit */
	bool is_over;		/* it was refused something */

	lua_Alloc alloc;	/* the state's own, while ours is in its place */
	void *ud;
	void *refused;		/* the last request that was, and its size, or 0 */
	size_t refused_size;
};

/* 256 MiB: the tables of the command's own tools fit in it many times. */
enum { BUDGET_DEFAULT = 256 << 20 };

/* [-0, +0, -]  from here to budget_leave() the state allocates under the limit */
void budget_enter(struct budget *budget, lua_State *L);
void budget_leave(struct budget *budget, lua_State *L);

/* A handler is going to run, and runs from begin to end; is_over then says whether it
 * took too much. */
void budget_clear(struct budget *budget);
void budget_begin(struct budget *budget);
void budget_end(struct budget *budget);

#endif
