/* One line of context for an error number. */
#include "fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fail(struct why *why, int rc, const char *format, ...)
{
	const char *reason = strerrordesc_np(-rc);
	char what[192];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof what, format, ap);
	va_end(ap);
	snprintf(why->text, sizeof why->text, "%s: %s", what, reason ? reason : "?");
	return rc;
}
