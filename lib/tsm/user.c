/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The software TSM of vfu-nic: the request of the ioctl (operation, architecture, request,
 * response, residue, tsm_code) inside a device feature, as tsm_proto.h has it. Whatever comes back
 * is a stranger's: its lengths are checked here, its contents are judged elsewhere.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <steer_vfio.h>

#include "tsm_backend.h"
#include "tsm_proto.h"

/* Bytes of an object in one transfer, where the peer takes so many; and in front of them. */
#define PIECE_MAX 65536u
#define HEADS     (sizeof(struct tsm_env) + 16)

struct tsm_user {
	uint32_t feature;
	uint32_t arch; /* as IDENT told; 0: not yet */
	char name[sizeof(((struct tsm_rsp_ident *)0)->name)];
	size_t piece;
};

/* One request; what has no place in the envelope is NULL and 0. */
struct call {
	uint32_t op;
	const void *req;
	uint32_t req_len;
	void *resp;
	uint32_t resp_len;
	bool exact; /* the whole request is consumed, the whole response is filled */
};

/* Nothing was asked of the device. */
static struct tsm_result
unasked(int err)
{
	return (struct tsm_result){.err = err, .not_sent = err != 0};
}

/* The head comes back as it went, but for its answers. */
static int
check_reply(const struct call *c, const struct tsm_env *sent, const struct tsm_env *got)
{
	const uint32_t most = c->resp_len != 0 ? c->resp_len : c->req_len;

	if (got->op != sent->op || got->req_len != sent->req_len ||
	    got->resp_len != sent->resp_len || got->residue > most)
		return -EPROTO;
	return c->exact && got->residue != 0 ? -EPROTO : 0;
}

static struct tsm_result
exchange(struct steer_tsm *t, const struct call *c, uint8_t *buf, size_t len)
{
	const struct tsm_user *u = t->priv;
	const struct tsm_env sent = {
		.op = c->op,
		.tvm_arch = u->arch,
		.req_len = c->req_len,
		.resp_len = c->resp_len,
	};
	struct tsm_env got;
	struct tsm_result r = {0};

	memcpy(buf, &sent, sizeof(sent));
	if (c->req_len != 0)
		memcpy(buf + sizeof(sent), c->req, c->req_len);
	r.err = steer_vfio_feature_timed(t->vdev, u->feature | STEER_VFIO_FEATURE_GET, buf, len,
					 t->timeout_ms);
	if (r.err != 0)
		return r;
	memcpy(&got, buf, sizeof(got));
	r.err = check_reply(c, &sent, &got);
	r.tsm_code = got.tsm_code;
	if (r.err != 0)
		return r;
	r.residue = got.residue;
	if (c->resp_len != 0)
		memcpy(c->resp, buf + sizeof(got), c->resp_len - got.residue);
	return r;
}

static struct tsm_result
request(struct steer_tsm *t, const struct call *c)
{
	const size_t body = c->req_len > c->resp_len ? c->req_len : c->resp_len;
	const size_t len = sizeof(struct tsm_env) + body;
	struct tsm_result r;
	uint8_t *buf;

	if (t->priv == NULL || t->vdev == NULL)
		return unasked(-ENODEV);
	if (len > steer_vfio_feature_max(t->vdev))
		return unasked(-EFBIG);
	buf = calloc(1, len);
	if (buf == NULL)
		return unasked(-ENOMEM);
	r = exchange(t, c, buf, len);
	free(buf);
	return r;
}

static int
env_open(struct steer_tsm *t)
{
	struct tsm_user *u;
	size_t most;
	int feature;

	if (t->vdev == NULL)
		return -EINVAL;
	u = calloc(1, sizeof(*u));
	if (u == NULL)
		return -ENOMEM;
	feature = steer_vfio_tsm_feature(t->vdev);
	u->feature = feature < 0 ? 0 : (uint32_t)feature;
	most = steer_vfio_feature_max(t->vdev);
	u->piece = most < PIECE_MAX + HEADS ? (most > HEADS ? most - HEADS : 0) : PIECE_MAX;
	t->priv = u;
	return 0;
}

static void
env_close(struct steer_tsm *t)
{
	free(t->priv);
	t->priv = NULL;
}

static struct tsm_result
ident(struct steer_tsm *t, struct tsm_rsp_ident *id)
{
	struct tsm_user *u = t->priv;
	const struct call c = {
		.op = TSM_ENV_IDENT, .resp = id, .resp_len = sizeof(*id), .exact = true};
	struct tsm_result r;

	u->arch = 0;
	r = request(t, &c);
	if (r.err == 0 && (id->tvm_arch < STEER_TSM_ARCH_CCA || id->tvm_arch > STEER_TSM_ARCH_TDX ||
			   memchr(id->name, '\0', sizeof(id->name)) == NULL))
		r.err = -EPROTO;
	if (r.err == 0)
		u->arch = id->tvm_arch;
	return r;
}

/* Whether there is one; who it is, connect() asks. */
static enum tsm_presence
env_look(struct steer_tsm *t, char *name, char *why, size_t whylen)
{
	const struct tsm_user *u = t->priv;

	/* What the kernel has for such a device, this role does not see. */
	if (t->pci_addr[0] != '\0') {
		snprintf(why, whylen, "role user is for a vfio-user device");
		return TSM_HALF;
	}
	if (steer_vfio_tsm_feature(t->vdev) < 0) {
		snprintf(why, whylen, "the device's server offers no TSM");
		return TSM_ABSENT;
	}
	snprintf(name, sizeof(u->name), "%s", u->name);
	return TSM_PRESENT;
}

static struct tsm_result
env_connect(struct steer_tsm *t)
{
	struct tsm_user *u = t->priv;
	struct tsm_rsp_ident id = {0};
	struct tsm_result r = ident(t, &id);

	if (r.err != 0) {
		tsm_fail(t, r.err, "the server announces a TSM that does not answer for itself: %s",
			 strerror(-r.err));
		return r;
	}
	snprintf(u->name, sizeof(u->name), "%s", id.name);
	t->arch = (enum steer_tsm_arch)id.tvm_arch;
	if (!(id.flags & TSM_IDENT_SIMULATED))
		t->can &= ~TSM_SIMULATED;
	if (!(id.flags & TSM_IDENT_CONNECTED)) {
		r.err = -ENOTCONN;
		tsm_fail(t, r.err, "TSM %s is not connected to the device", u->name);
	}
	return r;
}

static struct tsm_result
bare(struct steer_tsm *t, uint32_t op)
{
	const struct call c = {.op = op, .exact = true};

	return request(t, &c);
}

static struct tsm_result
env_bind(struct steer_tsm *t)
{
	return bare(t, TSM_ENV_BIND);
}

static struct tsm_result
env_unbind(struct steer_tsm *t)
{
	return bare(t, TSM_ENV_UNBIND);
}

static struct tsm_result
state_set(struct steer_tsm *t, uint32_t state)
{
	const struct tsm_req_state req = {.tdi_state = state};
	const struct call c = {
		.op = TSM_ENV_SET_TDI_STATE, .req = &req, .req_len = sizeof(req), .exact = true};

	return request(t, &c);
}

static struct tsm_result
env_lock(struct steer_tsm *t)
{
	return state_set(t, TSM_TDI_LOCKED);
}

static struct tsm_result
env_unlock(struct steer_tsm *t)
{
	return state_set(t, TSM_TDI_UNLOCKED);
}

static struct tsm_result
env_run(struct steer_tsm *t)
{
	return state_set(t, TSM_TDI_RUN);
}

static struct tsm_result
env_state(struct steer_tsm *t, enum tsm_tdi *state)
{
	struct tsm_rsp_state rsp = {0};
	const struct call c = {
		.op = TSM_ENV_GET_TDI_STATE, .resp = &rsp, .resp_len = sizeof(rsp), .exact = true};
	struct tsm_result r = request(t, &c);

	*state = TSM_TDI_UNKNOWN;
	if (r.err != 0)
		return r;
	if (rsp.tdi_state > TSM_TDI_ERROR)
		r.err = -EPROTO;
	else
		*state = (enum tsm_tdi)rsp.tdi_state;
	return r;
}

static struct tsm_result
env_regenerate(struct steer_tsm *t, enum tsm_object o, const uint8_t *nonce, size_t len)
{
	struct {
		struct tsm_req_regen head;
		uint8_t nonce[TSM_NONCE_LEN];
	} req = {.head = {.object = o, .nonce_len = (uint32_t)len}};
	const struct call c = {.op = TSM_ENV_REGEN_OBJECT,
			       .req = &req,
			       .req_len = (uint32_t)(sizeof(req.head) + len),
			       .exact = true};

	if (len != 0 && len != TSM_NONCE_LEN)
		return unasked(-EINVAL);
	if (len != 0)
		memcpy(req.nonce, nonce, len);
	return request(t, &c);
}

static struct tsm_result
object_size(struct steer_tsm *t, enum tsm_object o, uint32_t *size)
{
	const struct tsm_req_object req = {.object = o};
	struct tsm_rsp_info rsp = {0};
	const struct call c = {.op = TSM_ENV_OBJECT_INFO,
			       .req = &req,
			       .req_len = sizeof(req),
			       .resp = &rsp,
			       .resp_len = sizeof(rsp),
			       .exact = true};
	struct tsm_result r = request(t, &c);

	*size = rsp.size;
	if (r.err == 0 && rsp.size == 0)
		r.err = -ENODATA;
	if (r.err == 0 && rsp.size > STEER_TSM_OBJECT_MAX)
		r.err = -EFBIG;
	return r;
}

static struct tsm_result
object_piece(struct steer_tsm *t, enum tsm_object o, uint32_t offset, uint8_t *to, uint32_t len)
{
	const struct tsm_req_read req = {.object = o, .offset = offset};
	const struct call c = {.op = TSM_ENV_READ_OBJECT,
			       .req = &req,
			       .req_len = sizeof(req),
			       .resp = to,
			       .resp_len = len};
	struct tsm_result r = request(t, &c);

	/* Fewer bytes than the size that was told: somebody cut it. */
	if (r.err == 0 && r.residue != 0)
		r.err = -EPROTO;
	return r;
}

static struct tsm_result
env_object(struct steer_tsm *t, enum tsm_object o, struct steer_tsm_bytes *out)
{
	const struct tsm_user *u = t->priv;
	uint32_t size, at, n;
	struct tsm_result r = object_size(t, o, &size);
	uint8_t *data;

	if (r.err != 0 || r.tsm_code != 0)
		return r;
	if (u->piece == 0)
		return unasked(-EFBIG);
	data = malloc(size);
	if (data == NULL)
		return unasked(-ENOMEM);
	for (at = 0; at < size && r.err == 0 && r.tsm_code == 0; at += n) {
		n = size - at < u->piece ? size - at : (uint32_t)u->piece;
		r = object_piece(t, o, at, data + at, n);
	}
	if (r.err != 0 || r.tsm_code != 0) {
		free(data);
		return r;
	}
	*out = (struct steer_tsm_bytes){.data = data, .len = size};
	return r;
}

static struct tsm_result
env_digest(struct steer_tsm *t, enum tsm_object o, uint8_t *digest)
{
	const struct tsm_req_object req = {.object = o};
	const struct call c = {.op = TSM_ENV_OBJECT_DIGEST,
			       .req = &req,
			       .req_len = sizeof(req),
			       .resp = digest,
			       .resp_len = TSM_DIGEST_LEN,
			       .exact = true};

	return request(t, &c);
}

/* Here nobody maps guest addresses: each BAR is where its number puts it. */
static struct tsm_result
validate_bar(struct steer_tsm *t, const struct steer_tsm_bar *b)
{
	const uint64_t base = (uint64_t)(b->bar + 1) << 40;
	const struct tsm_req_mmio req = {.gpa_base = base, .gpa_top = base + b->size};
	const struct call c = {
		.op = TSM_ENV_VALIDATE_MMIO, .req = &req, .req_len = sizeof(req), .exact = true};

	return request(t, &c);
}

static struct tsm_result
env_validate(struct steer_tsm *t, const struct steer_tsm_device *d)
{
	const struct tsm_user *u = t->priv;
	struct tsm_result r = {0};
	unsigned int i;

	if (u->arch != STEER_TSM_ARCH_CCA)
		return r;
	for (i = 0; i < d->nb_bars && r.err == 0 && r.tsm_code == 0; i++)
		r = validate_bar(t, &d->bars[i]);
	return r;
}

static struct tsm_result
sev_only(struct steer_tsm *t, uint32_t op)
{
	const struct tsm_user *u = t->priv;

	return u->arch == STEER_TSM_ARCH_SEV ? bare(t, op) : unasked(0);
}

static struct tsm_result
env_dma_enable(struct steer_tsm *t)
{
	return sev_only(t, TSM_ENV_ENABLE_DMA);
}

static struct tsm_result
env_dma_disable(struct steer_tsm *t)
{
	return sev_only(t, TSM_ENV_DISABLE_DMA);
}

const struct tsm_backend tsm_backend_user = {
	.name = "user",
	.role = STEER_TSM_ROLE_USER,
	.can = TSM_CAN_ATTEST | TSM_CAN_NONCE | TSM_CAN_STATE | TSM_SIMULATED,
	.nonce_max = TSM_NONCE_LEN,
	.open = env_open,
	.close = env_close,
	.look = env_look,
	.connect = env_connect,
	.bind = env_bind,
	.unbind = env_unbind,
	.lock = env_lock,
	.unlock = env_unlock,
	.regenerate = env_regenerate,
	.object = env_object,
	.digest = env_digest,
	.validate = env_validate,
	.run = env_run,
	.dma_enable = env_dma_enable,
	.dma_disable = env_dma_disable,
	.state = env_state,
};
