/* Which files, ports and namespaces a sandbox has, as its setters collected it. */
#ifndef DEMI_ACCESS_H
#define DEMI_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct path_rule {
	char *path;
	unsigned int flags;		/* DEMI_PATH_* */
};

struct port_rule {
	unsigned int ways;		/* DEMI_TCP_* */
	unsigned int first, last;
	bool is_of_address;		/* for Landlock, which knows no more of one */
};

struct demi_address;

struct access_rules {
	struct path_rule *paths;
	size_t n_paths;
	struct port_rule *ports;
	size_t n_ports;
	struct demi_address *addresses;
	size_t n_addresses;
	bool confines_files, confines_net;
	unsigned int isolated;		/* DEMI_ISOLATE_* */
	unsigned int errors;		/* bit p: a run needs DEMI_PROTECTION p */
};

void access_init(struct access_rules *rules);
void access_free(struct access_rules *rules);

#endif
