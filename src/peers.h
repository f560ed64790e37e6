/*
 * Whom a program may reach by address: Landlock knows ports only. Seccomp shows no
 * address, and memory can change after a look, so a call that may go on is performed,
 * on the bytes that were judged.
 */
#ifndef DEMI_PEERS_H
#define DEMI_PEERS_H

#include "sandbox.h"

#include <sys/socket.h>

struct demi_run;

/* The rules of a run, with addresses for names. */
struct peers {
	struct demi_address *rules;	/* owned */
	size_t n;
};

/*
 * peers_bind - handlers around those of the user: one before them that refuses, one
 * after them that performs
 *
 * Only if sb has rules about addresses; once. Returns 0 or -errno.
 */
int peers_bind(struct demi_sandbox *sb);

/* Looks the names up, which may take as long as name servers do. Returns 0 or -errno. */
int peers_look_up(struct demi_run *run);

/* May run connect, or send, to this address? Returns 0 or -errno. */
int peers_judge(const struct demi_run *run, const struct sockaddr_storage *address,
		size_t len, bool is_sent);

#endif
