/* setuid - made setuid root: does it run as root? */
#include "verdict.h"

int main(void)
{
	errno = EPERM;
	return verdict(geteuid() == 0 ? 0 : -1);
}
