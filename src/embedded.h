/* The Lua modules that the command carries, as bytecode; made by src/embed.lua. */
#ifndef DEMI_EMBEDDED_H
#define DEMI_EMBEDDED_H

#include <stddef.h>

struct embedded {
	const char *name;		/* of the module; NULL ends the list */
	const unsigned char *code;
	size_t size;
};

extern const struct embedded demi_embedded[];

#endif
