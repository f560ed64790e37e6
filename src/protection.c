/* What kernels lack, by name: the ABI of Landlock and the release that brought it. */
#include "protection.h"

#include "landlock.h"

#include <demilune.h>

const struct protection protections[DEMI_PROTECTION_END] = {
	[DEMI_PROTECTION_FILES] = { "files", 1, "5.13" },
	[DEMI_PROTECTION_RENAMES] = { "renames", 2, "5.19" },
	[DEMI_PROTECTION_TRUNCATION] = { "truncation", 3, "6.2" },
	[DEMI_PROTECTION_TCP] = { "tcp", 4, "6.7" },
	[DEMI_PROTECTION_DEVICES] = { "devices", 5, "6.10" },
	[DEMI_PROTECTION_SIGNALS] = { "signals", 6, "6.12" },
};

unsigned int protection_lacks(int abi, unsigned int wanted)
{
	unsigned int lacks = 0;

	for (unsigned int p = 0; p < DEMI_PROTECTION_END; p++)
		if (abi < protections[p].abi)
			lacks |= 1U << p;
	return lacks & wanted;
}

const char *demi_protection_name(unsigned int protection)
{
	return protection < DEMI_PROTECTION_END ? protections[protection].name : NULL;
}

int demi_protection_is_there(unsigned int protection)
{
	return protection < DEMI_PROTECTION_END &&
	       landlock_abi() >= protections[protection].abi;
}
