/* SPDX-License-Identifier: BSD-3-Clause */

#include "fake_genl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

int __real_socket(int domain, int type, int protocol);
int __real_connect(int fd, const struct sockaddr *addr, socklen_t len);
ssize_t __real_send(int fd, const void *buf, size_t len, int flags);
int __real_poll(struct pollfd *fds, nfds_t nb, int timeout);
ssize_t __real_recv(int fd, void *buf, size_t len, int flags);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t nb, int timeout);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);

struct fake_genl fake_genl;
static uint8_t bytes[FAKE_TYPES][100];

/* The answer that is under way. */
static struct {
	uint32_t seq, mask, flags;
	bool ctrl, hostile_sent, done, pending;
	int rc;
	bool begun;
	size_t at;
} turn;

void
fake_genl_reset(void)
{
	memset(&fake_genl, 0, sizeof(fake_genl));
	memset(&turn, 0, sizeof(turn));
	fake_genl.family = FAKE_FAMILY;
	fake_genl.version = TSM_GENL_VERSION;
	fake_genl.chunk = 64;
	for (unsigned int i = 0; i < FAKE_TYPES; i++) {
		memset(bytes[i], (int)i, sizeof(bytes[i]));
		fake_genl.object[i].data = bytes[i];
		fake_genl.object[i].len = sizeof(bytes[i]);
	}
}

static bool
fails(enum fake_call c)
{
	if (fake_genl.fail_nth[c] == 0 || --fake_genl.fail_nth[c] != 0)
		return false;
	errno = fake_genl.fail_errno;
	return true;
}

int
__wrap_socket(int domain, int type, int protocol)
{
	if (fake_genl.real)
		return __real_socket(domain, type, protocol);
	assert_int_equal(domain, AF_NETLINK);
	assert_int_equal(protocol, NETLINK_GENERIC);
	if (fails(CALL_SOCKET))
		return -1;
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* To the kernel: so that nobody else is heard. */
int
__wrap_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	const struct sockaddr_nl *nl = (const struct sockaddr_nl *)addr;

	if (fake_genl.real)
		return __real_connect(fd, addr, len);
	assert_int_equal(len, sizeof(*nl));
	assert_int_equal(nl->nl_pid, 0);
	return fails(CALL_CONNECT) ? -1 : 0;
}

/* What a dump asks for, by the kernel's rules for these attributes. */
static void
take_dump(const uint8_t *p, size_t len)
{
	size_t at = 0;
	struct nlattr a;
	bool named = false;

	turn.flags = 0;
	while (at + sizeof(a) <= len) {
		memcpy(&a, p + at, sizeof(a));
		assert_true(a.nla_len >= sizeof(a) && at + a.nla_len <= len);
		if (a.nla_type == TSM_GENL_TYPE_MASK)
			memcpy(&turn.mask, p + at + sizeof(a), 4);
		else if (a.nla_type == TSM_GENL_FLAGS)
			memcpy(&turn.flags, p + at + sizeof(a), 4);
		else if (a.nla_type == TSM_GENL_DEV_NAME)
			named = strcmp((const char *)p + at + sizeof(a), "0000:01:00.0") == 0;
		else if (a.nla_type == TSM_GENL_NONCE)
			fake_genl.nonces++;
		else
			fail_msg("attribute %u", a.nla_type);
		if (a.nla_type == TSM_GENL_NONCE && fake_genl.nonce_rc != 0)
			turn.rc = fake_genl.nonce_rc;
		at += NLA_ALIGN(a.nla_len);
	}
	assert_true(named);
	if (fake_genl.moving > 0) {
		fake_genl.moving--;
		turn.rc = -EAGAIN;
	}
}

ssize_t
__wrap_send(int fd, const void *buf, size_t len, int flags)
{
	struct nlmsghdr h;

	if (fake_genl.real)
		return __real_send(fd, buf, len, flags);
	if (fails(CALL_SEND))
		return -1;
	assert_true(len <= sizeof(fake_genl.request));
	memcpy(fake_genl.request, buf, len);
	fake_genl.request_len = len;
	fake_genl.requests++;
	memcpy(&h, buf, sizeof(h));
	assert_int_equal(h.nlmsg_len, len);
	memset(&turn, 0, sizeof(turn));
	turn.seq = h.nlmsg_seq;
	turn.ctrl = h.nlmsg_type == GENL_ID_CTRL;
	turn.pending = true;
	turn.rc = fake_genl.read_rc;
	if (!turn.ctrl) {
		assert_int_equal(h.nlmsg_type, fake_genl.family);
		take_dump((const uint8_t *)buf + 20, len - 20);
	}
	return (ssize_t)len;
}

int
__wrap_poll(struct pollfd *fds, nfds_t nb, int timeout)
{
	if (fake_genl.real)
		return __real_poll(fds, nb, timeout);
	if (fails(CALL_POLL))
		return -1;
	return turn.pending && !fake_genl.deaf;
}

static size_t
attr(uint8_t *to, uint16_t type, const void *data, size_t len)
{
	const struct nlattr a = {.nla_type = type, .nla_len = (uint16_t)(sizeof(a) + len)};

	memset(to, 0, NLA_ALIGN(a.nla_len));
	memcpy(to, &a, sizeof(a));
	if (len > 0)
		memcpy(to + sizeof(a), data, len);
	return NLA_ALIGN(a.nla_len);
}

static size_t
message(uint8_t *to, uint16_t type, size_t body)
{
	const struct nlmsghdr h = {.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + body),
				   .nlmsg_type = type,
				   .nlmsg_flags = NLM_F_MULTI,
				   .nlmsg_seq = turn.seq};

	memcpy(to, &h, sizeof(h));
	return h.nlmsg_len;
}

static size_t
end(uint8_t *to, uint16_t type, int rc)
{
	memcpy(to + NLMSG_HDRLEN, &rc, sizeof(rc));
	turn.pending = false;
	return message(to, type, sizeof(rc));
}

static size_t
family(uint8_t *to)
{
	const struct genlmsghdr g = {.cmd = CTRL_CMD_NEWFAMILY, .version = 2};
	size_t at = NLMSG_HDRLEN + GENL_HDRLEN;

	if (fake_genl.absent)
		return end(to, NLMSG_ERROR, -ENOENT);
	memcpy(to + NLMSG_HDRLEN, &g, sizeof(g));
	at += attr(to + at, CTRL_ATTR_FAMILY_NAME, TSM_GENL_NAME, sizeof(TSM_GENL_NAME));
	at += attr(to + at, CTRL_ATTR_FAMILY_ID, &fake_genl.family, 2);
	at += attr(to + at, CTRL_ATTR_VERSION, &fake_genl.version, 4);
	turn.pending = false;
	return message(to, GENL_ID_CTRL, at - NLMSG_HDRLEN);
}

/* TYPE is in the first message of an object only. */
static size_t
evidence(uint8_t *to, uint32_t type)
{
	const bool digest = turn.flags & TSM_GENL_FLAG_DIGEST;
	const uint8_t *data = digest ? fake_genl.digest[type].data : fake_genl.object[type].data;
	size_t len = digest ? fake_genl.digest[type].len : fake_genl.object[type].len;
	const struct genlmsghdr g = {.cmd = TSM_GENL_EVIDENCE_READ, .version = 1};
	size_t at = NLMSG_HDRLEN + GENL_HDRLEN, n = len - turn.at;

	if (turn.begun && turn.at == len)
		return end(to, NLMSG_DONE, turn.rc);
	memcpy(to + NLMSG_HDRLEN, &g, sizeof(g));
	if (!turn.begun)
		at += attr(to + at, TSM_GENL_TYPE, &type, 4);
	turn.begun = true;
	n = n > fake_genl.chunk ? fake_genl.chunk : n;
	at += attr(to + at, TSM_GENL_VAL, data + turn.at, n);
	turn.at += n;
	return message(to, fake_genl.family, at - NLMSG_HDRLEN);
}

static size_t
answer(uint8_t *to)
{
	if (turn.ctrl)
		return family(to);
	if (fake_genl.hostile != NULL && !turn.hostile_sent) {
		turn.hostile_sent = true;
		turn.pending = !fake_genl.hostile_only;
		memcpy(to, fake_genl.hostile, fake_genl.hostile_len);
		if (fake_genl.hostile_len >= 12)
			memcpy(to + 8, &turn.seq, 4);
		return fake_genl.hostile_len;
	}
	/* A dump of two generations breaks off in its middle. */
	if (turn.rc != 0 && (turn.begun || turn.rc != -EAGAIN))
		return end(to, NLMSG_DONE, turn.rc);
	return evidence(to, (uint32_t)__builtin_ctz(turn.mask));
}

ssize_t
__wrap_recv(int fd, void *buf, size_t len, int flags)
{
	if (fake_genl.real)
		return __real_recv(fd, buf, len, flags);
	assert_int_equal(flags, MSG_TRUNC);
	assert_true(len >= 40000);
	if (fails(CALL_RECV))
		return -1;
	return (ssize_t)answer(buf);
}
