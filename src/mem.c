/* demi_mem: the program's memory while a handler runs, and the handler's last words. */
#include "kernel.h"
#include "notify.h"
#include "perform/perform.h"
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

/* Which link decides on what the program can still change, unless it performs the call. */
static void note_reader(struct demi_mem *mem)
{
	const struct chain *chain = &mem->run->sb->chains[mem->call->notif.syscall_nr];
	const struct link *link = mem->call->asked;

	if (link && !link->is_watcher && link - chain->links < 64)
		mem->call->readers |= 1ULL << (link - chain->links);
}

ssize_t demi_mem_read(struct demi_mem *mem, uint64_t addr, void *dst, size_t len)
{
	if (len > LEN_MAX)
		return -E2BIG;
	note_reader(mem);
	return checked(mem, snapshot_read(&mem->call->seen, (pid_t)mem->call->notif.pid, addr,
					  dst, len));
}

ssize_t demi_mem_read_cstr(struct demi_mem *mem, uint64_t addr, char *dst, size_t cap)
{
	if (cap > LEN_MAX)
		return -E2BIG;
	note_reader(mem);
	return checked(mem, snapshot_read_cstr(&mem->call->seen, (pid_t)mem->call->notif.pid,
					       addr, dst, cap));
}

int demi_mem_write(struct demi_mem *mem, uint64_t addr, const void *src, size_t len)
{
	/* before: it says that the memory is still that thread's */
	int rc = len > LEN_MAX ? -E2BIG : still_there(mem);

	if (rc == 0)
		rc = tracee_write((pid_t)mem->call->notif.pid, addr, src, len);
	if (rc == 0)
		snapshot_write(&mem->call->seen, addr, src, len);
	return rc;
}

ssize_t demi_mem_real_path(struct demi_mem *mem, int arg, char *dst, size_t cap)
{
	int which = perform_path_index(mem->call->notif.syscall_nr, arg);

	if (which < 0)
		return -EINVAL;
	note_reader(mem);
	int rc = perform_real_path(mem->run, mem, which);
	if (rc < 0)
		return rc;
	size_t len = strlen(mem->call->real[which]);
	if (len >= cap)
		return -ENAMETOOLONG;
	memcpy(dst, mem->call->real[which], len + 1);
	return (ssize_t)len;
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
