/* x32 - a call through the x32 table; "worked" if that does not kill */
#include "verdict.h"

int main(void)
{
#ifdef __x86_64__
	/* the bit is __X32_SYSCALL_BIT; a kernel without x32 answers ENOSYS */
	syscall(0x40000000L | SYS_getpid);
	printf("worked\n");
#else
	printf("no such table\n");
#endif
	return 0;
}
