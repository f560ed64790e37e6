/* Rules about where a connection may lead: from text, and judged. */
#include <demilune.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_MAX 65535
#define HOST_MAX 253		/* RFC 1035, 2.3.4, without the last dot */
#define SIN6_LEN_RFC2133 24	/* what the kernel takes of AF_INET6 at least */

/* A rule's text, taken apart. */
struct parts {
	char host[HOST_MAX + 1];
	char prefix[4];
	const char *ports;	/* NULL: none */
};

struct problem {
	char *text;
	size_t cap;
};

static int refuse(const struct problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(const struct problem *problem, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(problem->text, problem->cap, format, ap);
	va_end(ap);
	return -EINVAL;
}

/* Copies what stands before one of these bytes, or false: it is empty or too long. */
static bool take(const char **at, const char *ends, char *out, size_t cap)
{
	size_t len = strcspn(*at, ends);

	if (!len || len >= cap)
		return false;
	memcpy(out, *at, len);
	out[len] = 0;
	*at += len;
	return true;
}

static bool take_prefix(const char **at, struct parts *parts)
{
	size_t len = **at == '/' ? strspn(*at + 1, "0123456789") : 0;

	if (**at != '/')
		return true;
	if (!len || len >= sizeof parts->prefix || parts->prefix[0])
		return false;
	memcpy(parts->prefix, *at + 1, len);
	*at += 1 + len;
	return true;
}

/* IPv6 stands in brackets; its prefix inside of them, or behind. */
static bool split(const char *text, struct parts *out)
{
	bool has_brackets = *text == '[';
	const char *at = text + has_brackets;

	*out = (struct parts){ .ports = NULL };
	if (!take(&at, has_brackets ? "/]" : ":/[]", out->host, sizeof out->host) ||
	    !take_prefix(&at, out))
		return false;
	if (has_brackets && (*at++ != ']' || !take_prefix(&at, out)))
		return false;
	if (*at == ':' && at[1])
		out->ports = at + 1;
	return !*at || *at == ':';
}

static bool read_port(const char **at, uint16_t *out)
{
	size_t len = strspn(*at, "0123456789");
	unsigned long port = strtoul(*at, NULL, 10);

	if (!len || len > 5 || port < 1 || port > PORT_MAX)
		return false;
	*out = (uint16_t)port;
	*at += len;
	return true;
}

static bool read_ports(const char *at, struct demi_address *out)
{
	out->first_port = 0;
	out->last_port = PORT_MAX;
	if (strcmp(at, "*") == 0)
		return true;
	if (!read_port(&at, &out->first_port))
		return false;
	out->last_port = out->first_port;
	if (*at == '-' && (at++, !read_port(&at, &out->last_port)))
		return false;
	return !*at && out->first_port <= out->last_port;
}

/* Not "0x7f.1" or "127.1", which the resolver takes for numbers, inet_aton(3). */
static bool is_host_name(const char *host)
{
	size_t len = strlen(host);
	const char *last = host;

	if (!isalnum((unsigned char)*host) && *host != '_')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)host[i]) && !strchr("._-", host[i]))
			return false;
		if (host[i] == '.' && i + 1 < len)
			last = host + i + 1;
	}
	if (last[0] == '0' && (last[1] | 0x20) == 'x')
		return false;
	for (; *last; last++)
		if (isalpha((unsigned char)*last))
			return true;
	return false;
}

/* Do the first bits of both agree, or, without b, are the others of a 0? */
static bool agrees(const uint8_t *a, const uint8_t *b, unsigned int from, unsigned int to)
{
	for (unsigned int bit = from; bit < to; bit++)
		if (((a[bit / 8] ^ (b ? b[bit / 8] : 0)) >> (7 - bit % 8)) & 1)
			return false;
	return true;
}

/* A mapped address is one of IPv4: that is where packets go. RFC 4291, 2.5.5.2 */
static bool is_mapped(const uint8_t bytes[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(bytes, mapped, sizeof mapped) == 0;
}

static int read_prefix(const char *text, const char *prefix, struct demi_address *out,
		       const struct problem *problem)
{
	unsigned int most = 8U * out->len;
	unsigned int bits = *prefix ? (unsigned int)atoi(prefix) : most;

	if (bits > most)
		return refuse(problem, "is wrong: \"%s\": the prefix is at most %u", text, most);
	if (!agrees(out->bytes, NULL, bits, most))
		return refuse(problem, "is wrong: \"%s\" has bits beyond its prefix of %u", text, bits);
	out->bits = (uint8_t)bits;
	if (out->len == 16 && bits >= 96 && is_mapped(out->bytes)) {
		memmove(out->bytes, out->bytes + 12, 4);
		out->len = 4;
		out->bits = (uint8_t)(bits - 96);
	}
	return 0;
}

int demi_address_parse(const char *text, struct demi_address *out, char *why, size_t cap)
{
	const struct problem problem = { why, cap };
	struct parts parts;

	*out = (struct demi_address){ 0 };
	if (!split(text, &parts))
		return refuse(&problem, "is no address but \"%s\": write \"10.0.0.0/8:443\", "
			      "\"[::1]:8080\" or \"example.org:443\"", text);
	if (!parts.ports)
		return refuse(&problem, "\"%s\" has no port: write \"...:443\", \":8000-8100\" or "
			      "\":*\"", text);
	if (!read_ports(parts.ports, out))
		return refuse(&problem, "\"%s\" has no port but \"%s\"%s", text, parts.ports,
			      strchr(parts.ports, ':') ? "; IPv6 stands in brackets" : "");
	/* no octal, no hex, no parts left out: people read them otherwise */
	if (inet_pton(AF_INET, parts.host, out->bytes) == 1)
		out->len = 4;
	else if (inet_pton(AF_INET6, parts.host, out->bytes) == 1)
		out->len = 16;
	if (out->len)
		return read_prefix(text, parts.prefix, out, &problem);
	if (parts.prefix[0] || *text == '[' || !is_host_name(parts.host))
		return refuse(&problem, "\"%s\": \"%s\" is neither an address nor the name of a host",
			      text, parts.host);
	strcpy(out->name, parts.host);
	return 0;
}

static bool covers(const struct demi_address *rule, const uint8_t *bytes, unsigned int len,
		   uint16_t port)
{
	if (port < rule->first_port || port > rule->last_port || rule->name[0])
		return false;
	return !rule->len || (rule->len == len && agrees(rule->bytes, bytes, 0, rule->bits));
}

static int judge(const struct demi_address *rules, size_t n, const uint8_t *bytes,
		 unsigned int len, in_port_t port)
{
	if (len == 16 && is_mapped(bytes)) {
		bytes += 12;
		len = 4;
	}
	for (size_t i = 0; i < n; i++)
		if (covers(&rules[i], bytes, len, ntohs(port)))
			return 0;
	return -EACCES;
}

int demi_address_judge(const struct demi_address *rules, size_t n, const void *address,
		       size_t len, int is_sent)
{
	struct sockaddr_in6 v6 = { 0 };
	struct sockaddr_in v4 = { 0 };
	sa_family_t family = AF_UNSPEC;

	if (len >= sizeof family)
		memcpy(&family, address, sizeof family);
	switch (family) {
	case AF_INET:
		if (len < sizeof v4)
			return -EINVAL;
		memcpy(&v4, address, sizeof v4);
		return judge(rules, n, (const uint8_t *)&v4.sin_addr, 4, v4.sin_port);
	case AF_INET6:
		if (len < SIN6_LEN_RFC2133)
			return -EINVAL;
		memcpy(&v6, address, len < sizeof v6 ? len : sizeof v6);
		return judge(rules, n, (const uint8_t *)&v6.sin6_addr, 16, v6.sin6_port);
	case AF_UNSPEC:
		/* udp_sendmsg() and rawv6_sendmsg() of the kernel take it for theirs */
		return is_sent && len >= sizeof v4 ? -EAFNOSUPPORT : 0;
	default:
		return 0;
	}
}
