/*
 * The memory of another process, by process_vm_readv(2): it honours page
 * protection as the kernel's own copy would, which /proc/PID/mem does not, and a
 * cached /proc/PID/mem would still show the old program after an execve(2).
 */
#include "tracee.h"

#include <errno.h>
#include <sys/uio.h>

ssize_t tracee_read(pid_t pid, uint64_t addr, void *dst, size_t len)
{
	struct iovec here = { dst, len };
	struct iovec there = { (void *)(uintptr_t)addr, len };
	ssize_t n = process_vm_readv(pid, &here, 1, &there, 1, 0);

	return n < 0 ? -errno : n;
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
