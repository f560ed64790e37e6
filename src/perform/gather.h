/* What a call takes from the program's memory, in one copy. */
#ifndef DEMI_PERFORM_GATHER_H
#define DEMI_PERFORM_GATHER_H

#include "job.h"

#include "../run.h"

/* A struct that must be there as a whole. Returns 0 or -errno. */
int gather_bytes(struct call *call, uint64_t addr, void *dst, size_t len);

/* What is to be sent; of more than a job has room for, the start. */
int gather_body(struct call *call, uint64_t addr, uint64_t len, struct job *job);

/* The address that a connect(2), sendto(2) or sendmsg(2) names; a length of 0: none. */
int gather_peer(struct call *call, struct sockaddr_storage *out, uint32_t *len);

/* The same of a place in memory. */
int gather_address(struct call *call, uint64_t addr, uint64_t len,
		   struct sockaddr_storage *out, uint32_t *out_len);

/* A struct msghdr with all that belongs to it, sendmsg(2). */
int gather_message(struct call *call, uint64_t addr, struct job *job);

#endif
