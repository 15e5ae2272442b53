/* SPDX-License-Identifier: BSD-3-Clause */

/* Requests to the kernel over generic netlink, and the wait for what comes back. */

#include "genl.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#define DATAGRAM_MAX 65536u /* the kernel makes dumps of at most 32 KiB */
#define TRIES        8u     /* of a dump whose evidence is made anew meanwhile */

struct request {
	size_t len;
	_Alignas(struct nlmsghdr) uint8_t buf[512];
};
_Static_assert(sizeof(((struct request *)0)->buf) >=
		       NLMSG_HDRLEN + GENL_HDRLEN + TSM_GENL_NONCE_MAX + 128,
	       "room for the largest request");

static void
put(struct request *r, uint16_t type, const void *data, size_t len)
{
	const struct nlattr head = {.nla_len = (uint16_t)(sizeof(head) + len), .nla_type = type};

	memcpy(r->buf + r->len, &head, sizeof(head));
	memcpy(r->buf + r->len + sizeof(head), data, len);
	r->len += NLA_ALIGN(head.nla_len);
}

static void
put_u32(struct request *r, uint16_t type, uint32_t v)
{
	put(r, type, &v, sizeof(v));
}

static void
start(struct request *r, uint8_t cmd, uint8_t version)
{
	const struct genlmsghdr head = {.cmd = cmd, .version = version};

	memset(r, 0, sizeof(*r));
	memcpy(r->buf + NLMSG_HDRLEN, &head, sizeof(head));
	r->len = NLMSG_HDRLEN + GENL_HDRLEN;
}

static int
post(const struct tsm_genl *g, struct request *r, uint16_t type, uint16_t flags)
{
	const struct nlmsghdr head = {
		.nlmsg_len = (uint32_t)r->len,
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | flags,
		.nlmsg_seq = g->seq,
	};
	ssize_t n;

	memcpy(r->buf, &head, sizeof(head));
	do
		n = send(g->fd, r->buf, r->len, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == r->len ? 0 : -EIO;
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
wait_until(int fd, int64_t end)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t left;
	int n;

	do {
		left = end - now_ms();
		n = poll(&p, 1, left < 0 ? 0 : (int)left);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

/* Datagrams until the answer's end. */
static int
collect(const struct tsm_genl *g, struct tsm_genl_take *k, uint8_t *buf)
{
	const int64_t end = now_ms() + g->timeout_ms;
	ssize_t n;
	int rc = 0;

	while (rc == 0) {
		rc = wait_until(g->fd, end);
		if (rc < 0)
			return rc;
		/* With MSG_TRUNC: the datagram's own length. */
		n = recv(g->fd, buf, DATAGRAM_MAX, MSG_TRUNC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0 || (size_t)n > DATAGRAM_MAX)
			return -EPROTO;
		rc = tsm_genl_take(k, buf, (size_t)n);
	}
	return rc < 0 ? rc : 0;
}

static int
exchange(struct tsm_genl *g, struct request *r, uint16_t flags, struct tsm_genl_take *k)
{
	uint8_t *buf = malloc(DATAGRAM_MAX);
	int rc;

	if (buf == NULL)
		return -ENOMEM;
	k->seq = ++g->seq;
	rc = post(g, r, k->type, flags);
	if (rc == 0)
		rc = collect(g, k, buf);
	free(buf);
	return rc;
}

static int
find_family(struct tsm_genl *g)
{
	struct tsm_genl_take k = {.type = GENL_ID_CTRL};
	struct request r;
	int rc;

	start(&r, CTRL_CMD_GETFAMILY, 1);
	put(&r, CTRL_ATTR_FAMILY_NAME, TSM_GENL_NAME, sizeof(TSM_GENL_NAME));
	rc = exchange(g, &r, 0, &k);
	if (rc < 0)
		return rc;
	if (k.family < NLMSG_MIN_TYPE)
		return -EPROTO;
	if (k.version != TSM_GENL_VERSION)
		return -EPROTONOSUPPORT;
	g->family = k.family;
	return 0;
}

int
tsm_genl_open(struct tsm_genl *g, uint32_t timeout_ms)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int rc = 0;

	*g = (struct tsm_genl){.timeout_ms = timeout_ms};
	g->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (g->fd < 0)
		return -errno;
	if (connect(g->fd, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		rc = -errno;
	if (rc == 0)
		rc = find_family(g);
	if (rc < 0)
		tsm_genl_close(g);
	return rc;
}

void
tsm_genl_close(struct tsm_genl *g)
{
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
}

static int
read_once(struct tsm_genl *g, const struct tsm_genl_ask *ask, struct steer_tsm_bytes *out)
{
	struct tsm_genl_take k = {.type = g->family, .object = ask->type};
	struct request r;
	int rc;

	start(&r, TSM_GENL_EVIDENCE_READ, TSM_GENL_VERSION);
	put_u32(&r, TSM_GENL_TYPE_MASK, 1u << ask->type);
	if (ask->flags != 0)
		put_u32(&r, TSM_GENL_FLAGS, ask->flags);
	put(&r, TSM_GENL_DEV_NAME, ask->dev, strlen(ask->dev) + 1);
	if (ask->nonce != NULL)
		put(&r, TSM_GENL_NONCE, ask->nonce, ask->nonce_len);
	rc = exchange(g, &r, NLM_F_DUMP, &k);
	if (rc < 0) {
		free(k.out.data);
		return rc;
	}
	*out = k.out;
	return 0;
}

int
tsm_genl_read(struct tsm_genl *g, const struct tsm_genl_ask *ask, struct steer_tsm_bytes *out)
{
	unsigned int i;
	int rc = -EAGAIN;

	*out = (struct steer_tsm_bytes){0};
	if (strlen(ask->dev) >= 32 || ask->nonce_len > TSM_GENL_NONCE_MAX)
		return -EINVAL;
	for (i = 0; i < TRIES && rc == -EAGAIN; i++)
		rc = read_once(g, ask, out);
	return rc;
}
