/*
 * capi_net rules - rules about addresses, as setters; silent, or says which line is not true
 * capi_net reach ADDRESS COMMAND... - runs a command that may connect to this address only,
 * twice in one sandbox
 */
#include "capi.h"

#include <string.h>

static struct demi_sandbox *new_sandbox(void)
{
	struct demi_sandbox *sb;

	CHECK(demi_sandbox_new(&sb) == 0);
	return sb;
}

static int is_error(struct demi_sandbox *sb, const char *text)
{
	return strstr(demi_sandbox_error(sb), text) != NULL;
}

static void parsed(void)
{
	struct demi_address rule;
	char why[64];

	CHECK(demi_address_parse("10.0.0.0/8:1-443", &rule, why, sizeof why) == 0);
	CHECK(rule.len == 4 && rule.bits == 8 && rule.bytes[0] == 10 && !rule.name[0]);
	CHECK(rule.first_port == 1 && rule.last_port == 443);
	CHECK(demi_address_parse("[::ffff:10.0.0.0]/104:*", &rule, why, sizeof why) == 0);
	CHECK(rule.len == 4 && rule.bits == 8 && rule.bytes[0] == 10);
	CHECK(rule.first_port == 0 && rule.last_port == 65535);
	CHECK(demi_address_parse("example.org:80", &rule, why, sizeof why) == 0);
	CHECK(rule.len == 0 && strcmp(rule.name, "example.org") == 0);
	CHECK(demi_address_parse("example.org", &rule, why, sizeof why) == -EINVAL);
	CHECK(strncmp(why, "\"example.org\" has no port: ", 27) == 0 && strlen(why) < sizeof why);
	CHECK(demi_address_parse("", &rule, why, 1) == -EINVAL && !why[0]);
}

static void rules(void)
{
	struct demi_sandbox *sb = new_sandbox();
	char *const argv[] = { "true", NULL };
	struct demi_run *run;
	char host[300];

	parsed();
	CHECK(demi_sandbox_connect_address(sb, "127.1:80") == -EINVAL);
	CHECK(is_error(sb, "\"127.1\" is neither an address nor the name of a host"));
	memset(host, 'a', sizeof host);
	strcpy(host + sizeof host - 5, ".b:1");
	CHECK(demi_sandbox_connect_address(sb, host) == -EINVAL);
	CHECK(demi_sandbox_connect_address(sb, "127.0.0.1:1-4096") == 0);
	CHECK(demi_sandbox_connect_address(sb, "127.0.0.1:5000") == -E2BIG);
	CHECK(demi_sandbox_connect_address(sb, "no.such.host.invalid:1") == -E2BIG);
	demi_sandbox_free(sb);

	sb = new_sandbox();
	CHECK(demi_sandbox_connect_address(sb, "no.such.host.invalid:1") == 0);
	CHECK(demi_sandbox_start(sb, argv, &run) < 0 && !run);
	CHECK(is_error(sb, "connect to no.such.host.invalid: it cannot be looked up: "));
	demi_sandbox_free(sb);
}

static void reach(const char *address, char **argv)
{
	struct demi_sandbox *sb = new_sandbox();
	struct demi_unsafe unsafe;
	struct demi_run *run;

	CHECK(demi_sandbox_connect_address(sb, address) == 0);
	for (int i = 0; i < 2; i++) {
		CHECK(demi_sandbox_start(sb, argv, &run) == 0);
		CHECK(demi_run_wait(run, -1) == 0);
		/* two handlers, not two for each start */
		CHECK(demi_run_unsafe(run, 2, &unsafe) == -ENOENT);
		demi_run_free(run);
	}
	demi_sandbox_free(sb);
}

int main(int argc, char **argv)
{
	int before = count_fds();

	if (argc > 3)
		reach(argv[2], argv + 3);
	else
		rules();
	CHECK(count_fds() == before);
	CHECK(!has_children());
	return 0;
}
