/*
 * inherited NAME - opens NAME from the working directory, from standard input, which
 * is a directory, and from descriptor 9, which is the file itself.
 */
#include "attack.h"

int main(int argc, char **argv)
{
	char byte;

	if (argc != 2)
		return 2;
	tell("working directory", read_at(AT_FDCWD, argv[1]));
	tell("standard input", read_at(0, argv[1]));
	tell("descriptor 9", read(9, &byte, 1));
	return 0;
}
