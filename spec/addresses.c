/*
 * addresses connect|sent HEX RULE... - what the rules say to a struct sockaddr:
 * "granted", the name of an errno, or what is wrong with a rule
 */
#include <demilune.h>

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct demi_address rules[8];
	unsigned char address[256];
	size_t len = 0, n = 0;
	char why[256];

	if (argc < 3)
		return 2;
	for (const char *hex = argv[2]; len < sizeof address && sscanf(hex, "%2hhx", &address[len]) == 1;
	     hex += 2)
		len++;
	for (int i = 3; i < argc && n < sizeof rules / sizeof *rules; i++) {
		if (demi_address_parse(argv[i], &rules[n++], why, sizeof why) < 0) {
			puts(why);
			return 1;
		}
	}
	int rc = demi_address_judge(rules, n, address, len, strcmp(argv[1], "sent") == 0);
	puts(rc == 0 ? "granted" : strerrorname_np(-rc));
	return 0;
}
