/*
 * A limit on what handlers allocate. The state may be a host's, with an allocator of its
 * own: ours stands before it while a run is served, and only then. It counts what is
 * allocated meanwhile, and takes off what is freed, whoever made it.
 */
#include "budget.h"

/*
 * Beyond the limit, for what is not the handler: its coroutine, its ctx, and the report
 * that says what it did. It is a limit, too: finalizers run at any allocation.
 */
#define RESERVE ((size_t)1 << 20)

static size_t total_of(lua_State *L)
{
	return (size_t)lua_gc(L, LUA_GCCOUNT) * 1024 + (size_t)lua_gc(L, LUA_GCCOUNTB);
}

/*
 * Lua collects garbage and asks once more for what it did not get (luaM_malloc_ and
 * luaM_realloc_ of lmem.c), but the buffers of lauxlib.c do not: they fail. So a first
 * step over the limit is granted, and the next one is refused until there is less.
 */
static bool may_grow(const struct budget *budget, size_t more)
{
	size_t most = 2 * budget->limit + RESERVE;

	if (budget->is_strict)
		return budget->held <= budget->limit && more <= budget->limit;
	return more <= most && budget->held <= most - more;
}

/* A refusal that was not made good by a collection and a second try is one. */
static void *refuse(struct budget *budget, void *old, size_t size)
{
	if (budget->is_strict && budget->refused_size)
		budget->is_over = true;
	budget->refused = old;
	budget->refused_size = size;
	return NULL;
}

static void *allocate(void *ud, void *old, size_t old_size, size_t size)
{
	struct budget *budget = ud;
	size_t before = old ? old_size : 0;	/* without old it is a type, lua_Alloc */

	if (size > before && !may_grow(budget, size - before))
		return refuse(budget, old, size);
	void *block = budget->alloc(budget->ud, old, old_size, size);
	if (size && !block)
		return NULL;
	/* the second try */
	if (budget->refused == old && budget->refused_size == size)
		budget->refused_size = 0;
	budget->held += size;
	budget->held -= budget->held < before ? budget->held : before;
	return block;
}

void budget_clear(struct budget *budget)
{
	budget->is_over = false;
	budget->refused_size = 0;
}

void budget_begin(struct budget *budget)
{
	budget->is_strict = true;
}

void budget_end(struct budget *budget)
{
	budget->is_strict = false;
	budget->is_over = budget->is_over || budget->refused_size;
}

/* What was freed since is off the account; what the host allocated is not on it. */
void budget_enter(struct budget *budget, lua_State *L)
{
	size_t now = total_of(L), freed = now < budget->total ? budget->total - now : 0;

	budget->held -= budget->held < freed ? budget->held : freed;
	budget->alloc = lua_getallocf(L, &budget->ud);
	lua_setallocf(L, allocate, budget);
}

void budget_leave(struct budget *budget, lua_State *L)
{
	lua_setallocf(L, budget->alloc, budget->ud);
	budget->total = total_of(L);
}
