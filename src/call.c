/* A received call that has no answer yet: where it lives, and its end. */
#include "call.h"

#include <stdlib.h>

struct call *call_keep(struct call *call)
{
	struct call *copy = malloc(sizeof *copy);

	if (!copy)
		return NULL;
	*copy = *call;
	call->seen = (struct snapshot){ 0 };	/* all that has one owner */
	call->real[0] = call->real[1] = NULL;
	return copy;
}

void call_drop(struct call *call)
{
	snapshot_free(&call->seen);
	free(call->real[0]);
	free(call->real[1]);
	call->real[0] = call->real[1] = NULL;
}

void call_free(struct call *call)
{
	if (!call)
		return;
	call_drop(call);
	free(call);
}
