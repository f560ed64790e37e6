/* demi_mem: the program's memory while a handler runs, and the handler's last words. */
#include "kernel.h"
#include "notify.h"
#include "run.h"
#include "tracee.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LEN_MAX (1024 * 1024)

/* Asked after a read: it says that the memory was still that thread's. */
static int still_there(const struct demi_mem *mem)
{
	return notify_check(mem->run->listener, mem->call->notif.id);
}

static ssize_t checked(const struct demi_mem *mem, ssize_t n)
{
	int rc = still_there(mem);

	return rc < 0 ? rc : n;
}

ssize_t demi_mem_read(struct demi_mem *mem, uint64_t addr, void *dst, size_t len)
{
	if (len > LEN_MAX)
		return -E2BIG;
	return checked(mem, tracee_read((pid_t)mem->call->notif.pid, addr, dst, len));
}

ssize_t demi_mem_read_cstr(struct demi_mem *mem, uint64_t addr, char *dst, size_t cap)
{
	if (cap > LEN_MAX)
		return -E2BIG;
	return checked(mem, tracee_read_cstr((pid_t)mem->call->notif.pid, addr, dst, cap));
}

int demi_mem_write(struct demi_mem *mem, uint64_t addr, const void *src, size_t len)
{
	/* before: it says that the memory is still that thread's */
	int rc = len > LEN_MAX ? -E2BIG : still_there(mem);

	return rc < 0 ? rc : tracee_write((pid_t)mem->call->notif.pid, addr, src, len);
}

int demi_mem_fail(struct demi_mem *mem, int rc, const char *message,
		  const char *traceback)
{
	free(mem->message);
	free(mem->traceback);
	mem->message = message ? strdup(message) : NULL;
	mem->traceback = traceback ? strdup(traceback) : NULL;
	return rc;
}

int demi_mem_late(const struct demi_mem *mem)
{
	return atomic_load_explicit(&mem->run->is_late, memory_order_relaxed);
}

int demi_mem_is_ready(const struct demi_mem *mem)
{
	return mem->call->is_ready;
}

int demi_mem_holds(struct demi_mem *mem, uint64_t id)
{
	return demi_run_holds(mem->run, id);
}
