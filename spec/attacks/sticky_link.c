/* sticky_link PATH - make a file by a link that somebody else put there */
#include "attack.h"

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	tell("made", open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600));
	return 0;
}
