/* The memory of another process. */
#ifndef DEMI_TRACEE_H
#define DEMI_TRACEE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Up to len bytes; fewer where the mapping ends; -EFAULT if there is not one. */
ssize_t tracee_read(pid_t pid, uint64_t addr, void *dst, size_t len);

/* 0 when all len bytes were written. */
int tracee_write(pid_t pid, uint64_t addr, const void *src, size_t len);

#endif
