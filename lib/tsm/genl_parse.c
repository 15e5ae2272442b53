/* SPDX-License-Identifier: BSD-3-Clause */

/* Netlink messages from the kernel, each length checked (linux/netlink.h, linux/genetlink.h). */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "genl.h"

struct attr {
	uint16_t type;
	const uint8_t *data;
	size_t len;
};

/* @return 1 and the attribute at *at, 0 at the end, -EPROTO. */
static int
next_attr(const uint8_t *p, size_t len, size_t *at, struct attr *a)
{
	struct nlattr head;

	if (*at >= len)
		return 0;
	if (len - *at < sizeof(head))
		return -EPROTO;
	memcpy(&head, p + *at, sizeof(head));
	if (head.nla_len < sizeof(head) || head.nla_len > len - *at)
		return -EPROTO;
	a->type = head.nla_type & NLA_TYPE_MASK;
	a->data = p + *at + sizeof(head);
	a->len = head.nla_len - sizeof(head);
	*at += NLA_ALIGN(head.nla_len);
	return 1;
}

static int
to_u32(const struct attr *a, uint32_t *v)
{
	if (a->len != sizeof(*v))
		return -EPROTO;
	memcpy(v, a->data, sizeof(*v));
	return 0;
}

static int
append(struct tsm_genl_take *k, const struct attr *a)
{
	size_t room = k->room;
	uint8_t *more;

	if (!k->begun)
		return -EPROTO;
	if (a->len > STEER_TSM_OBJECT_MAX - k->out.len)
		return -EFBIG;
	if (a->len == 0)
		return 0;
	while (room < k->out.len + a->len)
		room = room == 0 ? 4096 : 2 * room;
	more = realloc(k->out.data, room);
	if (more == NULL)
		return -ENOMEM;
	memcpy(more + k->out.len, a->data, a->len);
	k->out.data = more;
	k->out.len += a->len;
	k->room = room;
	return 0;
}

/* One object was asked for: it begins once. */
static int
begin(struct tsm_genl_take *k, const struct attr *a)
{
	uint32_t type;

	if (to_u32(a, &type) < 0 || type != (uint32_t)k->object || k->begun)
		return -EPROTO;
	k->begun = true;
	return 0;
}

static int
evidence_attr(struct tsm_genl_take *k, const struct attr *a)
{
	switch (a->type) {
	case TSM_GENL_TYPE: return begin(k, a);
	case TSM_GENL_VAL: return append(k, a);
	default: return 0; /* a later kernel may say more */
	}
}

static int
family_attr(struct tsm_genl_take *k, const struct attr *a)
{
	switch (a->type) {
	case CTRL_ATTR_FAMILY_ID:
		if (a->len != sizeof(k->family))
			return -EPROTO;
		memcpy(&k->family, a->data, sizeof(k->family));
		return 0;
	case CTRL_ATTR_VERSION: return to_u32(a, &k->version);
	default: return 0;
	}
}

/* @return 0, 1 the answer is complete, or negative errno. */
static int
take_genl(struct tsm_genl_take *k, const uint8_t *p, size_t len)
{
	const bool ctrl = k->type == GENL_ID_CTRL;
	struct genlmsghdr head;
	struct attr a;
	size_t at = 0;
	int rc;

	if (len < sizeof(head))
		return -EPROTO;
	memcpy(&head, p, sizeof(head));
	if (head.cmd != (ctrl ? CTRL_CMD_NEWFAMILY : TSM_GENL_EVIDENCE_READ))
		return -EPROTO;
	p += GENL_HDRLEN;
	len -= GENL_HDRLEN;
	while ((rc = next_attr(p, len, &at, &a)) > 0) {
		rc = ctrl ? family_attr(k, &a) : evidence_attr(k, &a);
		if (rc < 0)
			return rc;
	}
	return rc < 0 ? rc : ctrl;
}

/* The end of a dump may have an errno as an error has one. */
static int
take_end(const uint8_t *p, size_t len, bool error)
{
	int rc = 0;

	if (len < sizeof(rc))
		return error ? -EPROTO : 1;
	memcpy(&rc, p, sizeof(rc));
	if (rc < -4095 || rc > 0)
		return -EPROTO;
	return rc < 0 ? rc : 1;
}

static int
take_message(struct tsm_genl_take *k, const struct nlmsghdr *head, const uint8_t *p, size_t len)
{
	if (head->nlmsg_seq != k->seq || head->nlmsg_type == NLMSG_NOOP)
		return 0;
	if (head->nlmsg_flags & NLM_F_DUMP_INTR)
		return -EAGAIN;
	if (head->nlmsg_type == NLMSG_ERROR || head->nlmsg_type == NLMSG_DONE)
		return take_end(p, len, head->nlmsg_type == NLMSG_ERROR);
	return head->nlmsg_type == k->type ? take_genl(k, p, len) : -EPROTO;
}

int
tsm_genl_take(struct tsm_genl_take *k, const uint8_t *buf, size_t len)
{
	struct nlmsghdr head;
	size_t at = 0;
	int rc = 0;

	while (rc == 0 && at < len) {
		if (len - at < sizeof(head))
			return -EPROTO;
		memcpy(&head, buf + at, sizeof(head));
		if (head.nlmsg_len < NLMSG_HDRLEN || head.nlmsg_len > len - at)
			return -EPROTO;
		rc = take_message(k, &head, buf + at + NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN);
		at += NLMSG_ALIGN(head.nlmsg_len);
	}
	return rc;
}
