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

#include "tsm_user.h"

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
	const struct tsm_user_call c = {
		.op = TSM_ENV_IDENT, .resp = id, .resp_len = sizeof(*id), .exact = true};
	struct tsm_result r;

	u->arch = 0;
	r = tsm_user_request(t, &c);
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
	const struct tsm_user_call c = {.op = op, .exact = true};

	return tsm_user_request(t, &c);
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
	const struct tsm_user_call c = {
		.op = TSM_ENV_SET_TDI_STATE, .req = &req, .req_len = sizeof(req), .exact = true};

	return tsm_user_request(t, &c);
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
	const struct tsm_user_call c = {
		.op = TSM_ENV_GET_TDI_STATE, .resp = &rsp, .resp_len = sizeof(rsp), .exact = true};
	struct tsm_result r = tsm_user_request(t, &c);

	*state = TSM_TDI_UNKNOWN;
	if (r.err != 0)
		return r;
	if (rsp.tdi_state > TSM_TDI_ERROR)
		r.err = -EPROTO;
	else
		*state = (enum tsm_tdi)rsp.tdi_state;
	return r;
}

/* Here nobody maps guest addresses: each BAR is where its number puts it. */
static struct tsm_result
validate_bar(struct steer_tsm *t, const struct steer_tsm_bar *b)
{
	const uint64_t base = (uint64_t)(b->bar + 1) << 40;
	const struct tsm_req_mmio req = {.gpa_base = base, .gpa_top = base + b->size};
	const struct tsm_user_call c = {
		.op = TSM_ENV_VALIDATE_MMIO, .req = &req, .req_len = sizeof(req), .exact = true};

	return tsm_user_request(t, &c);
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

	return u->arch == STEER_TSM_ARCH_SEV ? bare(t, op) : tsm_user_unasked(0);
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
	.regenerate = tsm_user_regenerate,
	.object = tsm_user_object,
	.digest = tsm_user_digest,
	.validate = env_validate,
	.run = env_run,
	.dma_enable = env_dma_enable,
	.dma_disable = env_dma_disable,
	.state = env_state,
};
