/* Writes the deny program of the default list as a C file; run by the build. */
#include "confine.h"
#include "denied.h"

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>

const struct denied denied_default;	/* none yet: it is made here */

int main(void)
{
	const struct scmp_version *version = seccomp_version();
	struct demi_sandbox *sb;
	struct sock_fprog program;
	const struct filter_sink code = { .program = &program };

	if (demi_sandbox_new(&sb) < 0 || confine_filter(sb, code) < 0) {
		fprintf(stderr, "denied: %s\n", sb ? demi_sandbox_error(sb) : "no memory");
		return 1;
	}
	printf("/* Made by src/gen/denied.c. */\n#include \"denied.h\"\n\n"
	       "static const struct sock_filter filter[] = {\n");
	for (unsigned short i = 0; i < program.len; i++)
		printf("\t{ %u, %u, %u, %u },\n", program.filter[i].code, program.filter[i].jt,
		       program.filter[i].jf, program.filter[i].k);
	printf("};\n\nconst struct denied denied_default = {\n\t%u, %u, %u, %d, %u, filter,\n};\n",
	       version->major, version->minor, version->micro, confine_unknown_from(),
	       program.len);
	free(program.filter);
	demi_sandbox_free(sb);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
