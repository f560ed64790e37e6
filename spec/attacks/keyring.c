/* keyring - put a key where the user's other programs find it */
#include "verdict.h"

#include <linux/keyctl.h>

int main(void)
{
	return verdict(syscall(SYS_add_key, "user", "demilune", "x", 1UL,
			    KEY_SPEC_USER_KEYRING));
}
