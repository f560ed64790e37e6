/*
 * probe CALL [ARGUMENT...] - makes one system call and prints what it got
 *
 * An argument that is a number is passed as one, any other as the address of its
 * text, and "-" as the address of 4,096 zeroed bytes, which are printed afterwards
 * as a string. Prints "RESULT ERRNO [BYTES]", ERRNO as a name or 0.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char buffer[4096];

static long to_register(const char *word)
{
	char *end;
	long n = (long)strtoull(word, &end, 0);

	if (strcmp(word, "-") == 0)
		return (long)buffer;
	return *word && !*end ? n : (long)word;
}

int main(int argc, char **argv)
{
	long args[6] = { 0 };

	if (argc < 2 || argc > 8)
		return 2;
	int nr = seccomp_syscall_resolve_name(argv[1]);
	for (int i = 2; i < argc; i++)
		args[i - 2] = to_register(argv[i]);
	errno = 0;
	long result = syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
	printf("%ld %s %s\n", result, errno ? strerrorname_np(errno) : "0", buffer);
	return 0;
}
