/* What was read of a program's memory during one call. */
#include "snapshot.h"

#include "tracee.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A handler that reads all it can reach must not fill our memory. */
#define BYTES_MAX (8UL * 1024 * 1024)
/* Most paths end within one step; a step does not cross into a page that may not be
 * there: a string can end just before an unmapped page. */
#define STEP 256

struct piece {
	struct piece *older;
	uint64_t addr;
	size_t len;
	char bytes[];
};

/* Copies what a and the piece share; to_piece says in which direction. */
static void share(struct piece *piece, uint64_t addr, char *bytes, size_t len, int to_piece)
{
	uint64_t from = addr > piece->addr ? addr : piece->addr;
	uint64_t end = addr + len < piece->addr + piece->len ? addr + len
							     : piece->addr + piece->len;

	if (from >= end)
		return;
	if (to_piece)
		memcpy(piece->bytes + (from - piece->addr), bytes + (from - addr), end - from);
	else
		memcpy(bytes + (from - addr), piece->bytes + (from - piece->addr), end - from);
}

/* Older pieces were read first: they are copied last, and win. */
static void overlay(struct piece *newest, uint64_t addr, char *dst, size_t len)
{
	for (struct piece *p = newest; p; p = p->older)
		share(p, addr, dst, len, 0);
}

static int keep(struct snapshot *snapshot, uint64_t addr, const void *bytes, size_t len)
{
	struct piece *piece = snapshot->bytes + len > BYTES_MAX ? NULL
			      : malloc(sizeof *piece + len);

	if (!piece)
		return -ENOMEM;
	*piece = (struct piece){ .older = snapshot->pieces, .addr = addr, .len = len };
	memcpy(piece->bytes, bytes, len);
	snapshot->pieces = piece;
	snapshot->bytes += len;
	return 0;
}

static const struct piece *find(const struct snapshot *snapshot, uint64_t addr, size_t len)
{
	const struct piece *p = snapshot->pieces;

	while (p && !(p->addr <= addr && addr - p->addr <= p->len &&
		      len <= p->len - (size_t)(addr - p->addr)))
		p = p->older;
	return p;
}

ssize_t snapshot_read(struct snapshot *snapshot, pid_t pid, uint64_t addr, void *dst,
		      size_t len)
{
	const struct piece *known = find(snapshot, addr, len);

	if (known) {
		memcpy(dst, known->bytes + (addr - known->addr), len);
		return (ssize_t)len;
	}
	ssize_t n = tracee_read(pid, addr, dst, len);
	if (n <= 0)
		return n;
	overlay(snapshot->pieces, addr, dst, (size_t)n);
	int rc = keep(snapshot, addr, dst, (size_t)n);
	return rc < 0 ? rc : n;
}

ssize_t snapshot_read_cstr(struct snapshot *snapshot, pid_t pid, uint64_t addr, char *dst,
			   size_t cap)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), have = 0;

	for (size_t step = STEP; have < cap; step = page) {
		size_t to_page_end = page - (size_t)((addr + have) % page);
		size_t want = step < to_page_end ? step : to_page_end;
		if (want > cap - have)
			want = cap - have;
		ssize_t n = snapshot_read(snapshot, pid, addr + have, dst + have, want);
		if (n <= 0)
			return n < 0 ? n : -EFAULT;
		const char *nul = memchr(dst + have, 0, (size_t)n);
		if (nul)
			return nul - dst;
		have += (size_t)n;
	}
	return -ENAMETOOLONG;
}

void snapshot_write(struct snapshot *snapshot, uint64_t addr, const void *src, size_t len)
{
	for (struct piece *p = snapshot->pieces; p; p = p->older)
		share(p, addr, (char *)src, len, 1);
}

void snapshot_free(struct snapshot *snapshot)
{
	while (snapshot->pieces) {
		struct piece *older = snapshot->pieces->older;
		free(snapshot->pieces);
		snapshot->pieces = older;
	}
	snapshot->bytes = 0;
}
