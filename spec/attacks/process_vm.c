/* process_vm PID ADDRESS - write into the memory of a process */
#include "verdict.h"

#include <sys/uio.h>

int main(int argc, char **argv)
{
	char byte = 'x';
	struct iovec here = { &byte, 1 };

	if (argc != 3)
		return 2;
	struct iovec there = { (void *)strtoul(argv[2], NULL, 16), 1 };
	return verdict(process_vm_writev(atoi(argv[1]), &here, 1, &there, 1, 0));
}
