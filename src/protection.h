/* What kernels lack: bit p of a set stands for DEMI_PROTECTION p. */
#ifndef DEMI_PROTECTION_H
#define DEMI_PROTECTION_H

struct protection {
	const char *name;
	int abi;		/* of Landlock that brought it */
	const char *release;	/* of Linux */
};
extern const struct protection protections[];

/* Which of the wanted ones a kernel of this ABI lacks. */
unsigned int protection_lacks(int abi, unsigned int wanted);

#endif
