/* ptrace PID - attach to a process */
#include "verdict.h"

#include <sys/ptrace.h>

int main(int argc, char **argv)
{
	return argc == 2 ? verdict(ptrace(PTRACE_SEIZE, atoi(argv[1]), NULL, NULL)) : 2;
}
