/*
 * The memory of another process, by process_vm_readv(2): it honours page
 * protection as the kernel's own copy would, which /proc/PID/mem does not, and a
 * cached /proc/PID/mem would still show the old program after an execve(2).
 */
#include "tracee.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Most paths end within one step; a step does not cross into a page that may not
 * be there: a string can end just before an unmapped page. */
#define STEP 256

ssize_t tracee_read(pid_t pid, uint64_t addr, void *dst, size_t len)
{
	struct iovec here = { dst, len };
	struct iovec there = { (void *)(uintptr_t)addr, len };
	ssize_t n = process_vm_readv(pid, &here, 1, &there, 1, 0);

	return n < 0 ? -errno : n;
}

/* process_vm_readv(2) stops at a page it cannot read, and gives what came before. */
ssize_t tracee_read_cstr(pid_t pid, uint64_t addr, char *dst, size_t cap)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), have = 0;

	for (size_t step = STEP; have < cap; step = page) {
		size_t to_page_end = page - (size_t)((addr + have) % page);
		size_t want = step < to_page_end ? step : to_page_end;
		if (want > cap - have)
			want = cap - have;
		ssize_t n = tracee_read(pid, addr + have, dst + have, want);
		if (n <= 0)
			return n < 0 ? n : -EFAULT;
		const char *nul = memchr(dst + have, 0, (size_t)n);
		if (nul)
			return nul - dst;
		have += (size_t)n;
	}
	return -ENAMETOOLONG;
}

int tracee_write(pid_t pid, uint64_t addr, const void *src, size_t len)
{
	struct iovec here = { (void *)src, len };
	struct iovec there = { (void *)(uintptr_t)addr, len };
	ssize_t n = process_vm_writev(pid, &here, 1, &there, 1, 0);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EFAULT;
}
