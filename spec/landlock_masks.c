/*
 * Prints what each ABI of Landlock makes of the same rules, one line each:
 *   ABI masks: FS NET SCOPED       handled by a sandbox that confines everything
 *   ABI ACCESS TYPE: RIGHTS        granted by a rule
 *   ABI lacks: NAME...             of all protections
 */
#include "compat.h"
#include "landlock.h"
#include "protection.h"

#include <demilune.h>

#include <stdio.h>
#include <sys/stat.h>

static const char *const names[] = {
	"execute", "write_file", "read_file", "read_dir", "remove_dir", "remove_file",
	"make_char", "make_dir", "make_reg", "make_sock", "make_fifo", "make_block",
	"make_sym", "refer", "truncate", "ioctl_dev",
};

static void print_rights(uint64_t rights)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (rights >> i & 1)
			printf(" %s", names[i]);
	printf("%s\n", rights >> 16 ? " unknown" : "");
}

static void print_grant(int abi, const char *name, unsigned int access)
{
	static const struct {
		const char *name;
		mode_t mode;
	} types[] = { { "directory", S_IFDIR }, { "file", S_IFREG }, { "device", S_IFCHR },
		      { "FIFO", S_IFIFO } };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		printf("%d %s %s:", abi, name, types[i].name);
		print_rights(landlock_rights(abi, access, types[i].mode));
	}
}

int main(void)
{
	const struct landlock_scope all = { true, true, true }, none = { 0 };

	for (int abi = 0; abi <= LANDLOCK_ABI_MAX; abi++) {
		struct landlock_masks masks = landlock_masks(abi, &all);
		printf("%d handles:", abi);
		print_rights(masks.fs);
		printf("%d net and scopes: %llx %llx\n", abi, (unsigned long long)masks.net,
		       (unsigned long long)masks.scoped);
		masks = landlock_masks(abi, &none);
		printf("%d without rules: %llx %llx %llx\n", abi, (unsigned long long)masks.fs,
		       (unsigned long long)masks.net, (unsigned long long)masks.scoped);
		print_grant(abi, "list", LANDLOCK_LIST);
		print_grant(abi, "read", LANDLOCK_READ);
		print_grant(abi, "write", LANDLOCK_WRITE);
		printf("%d lacks:", abi);
		unsigned int lacks = protection_lacks(abi, ~0U);
		for (unsigned int p = 0; p < DEMI_PROTECTION_END; p++)
			if (lacks >> p & 1)
				printf(" %s", demi_protection_name(p));
		printf("\n");
	}
	return 0;
}
