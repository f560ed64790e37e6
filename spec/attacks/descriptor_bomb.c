/* descriptor_bomb COUNT - have so many descriptors */
#include "verdict.h"

int main(int argc, char **argv)
{
	int most = argc > 1 ? atoi(argv[1]) : 0;

	for (int i = 0; i < most; i++)
		if (dup(1) < 0)
			return verdict(-1);
	return verdict(0);
}
