/* io_uring PATH - open a file without open(2) */
#include "verdict.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/mman.h>

static void *map(int ring, size_t size, off_t what)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, what);
}

int main(int argc, char **argv)
{
	struct io_uring_params p = { 0 };

	if (argc != 2)
		return 2;
	int ring = (int)syscall(SYS_io_uring_setup, 4, &p);
	if (ring < 0)
		return verdict(-1);
	char *sq = map(ring, p.sq_off.array + p.sq_entries * sizeof(unsigned int),
		       IORING_OFF_SQ_RING);
	char *cq = map(ring, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe),
		       IORING_OFF_CQ_RING);
	struct io_uring_sqe *sqe = map(ring, p.sq_entries * sizeof *sqe, IORING_OFF_SQES);
	*sqe = (struct io_uring_sqe){
		.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (unsigned long)argv[1],
		.open_flags = O_RDONLY,
	};
	((unsigned int *)(sq + p.sq_off.array))[0] = 0;
	__atomic_store_n((unsigned int *)(sq + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return verdict(-1);
	const struct io_uring_cqe *cqe = (void *)(cq + p.cq_off.cqes);
	errno = cqe->res < 0 ? -cqe->res : 0;
	return verdict(cqe->res);
}
