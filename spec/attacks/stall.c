/*
 * stall path|buffer - a call with memory that never arrives, userfaultfd(2): whoever reads
 * its path, or writes its result, waits for ever
 */
#include "attack.h"

#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifndef USERFAULTFD_IOC_NEW	/* Linux 6.1 */
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0)
#endif

static void *missing_page(void)
{
	int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
	int fd = device < 0 ? -1 : ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register all = {
		.range = { (uintptr_t)page, 4096 }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) < 0 || ioctl(fd, UFFDIO_REGISTER, &all) < 0)
		return NULL;
	return page;
}

int main(int argc, char **argv)
{
	void *page = missing_page();

	if (argc != 2)
		return 2;
	tell("page", page ? 0 : -1);
	if (!page)
		return 0;
	if (strcmp(argv[1], "path") == 0)
		tell("call", syscall(SYS_truncate, page, 0L));
	else
		tell("call", syscall(SYS_uname, page));
	return 0;
}
