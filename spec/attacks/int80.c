/* int80 - a call through the i386 table, whose numbers mean other calls */
#ifdef __x86_64__
#include <asm/unistd_32.h>
#endif
#include <stdio.h>
#include <unistd.h>

int main(void)
{
#ifdef __x86_64__
	long result = __NR_getpid;

	__asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
	printf(result == getpid() ? "worked\n" : "refused %ld\n", result);
#else
	printf("no such table\n");
#endif
	return 0;
}
