/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_tsm.h"
#include "steer_tsm_vmm.h"

struct fake_tsm fake_tsm;
char fake_log[8192];

static const char *const op_names[FAKE_OPS] = {
	"connect", "bind",     "unbind", "lock",   "unlock",  "regenerate", "object",
	"digest",  "validate", "run",    "dma-on", "dma-off", "state",
};

const struct steer_tsm_device fake_device = {
	.bars = {{.bar = 0, .size = 0x4000}, {.bar = 4, .size = 0x8000}},
	.nb_bars = 2,
	.msix_vectors = 5,
	.msix_control = 0x8007,
	.msix_table_bar = 4,
	.msix_table_size = 0x80,
	.msix_pba_bar = 4,
	.msix_pba_offset = 0x1000,
	.msix_pba_size = 8,
	.tph_control = 0x101,
};

void
fake_tsm_reset(void)
{
	memset(&fake_tsm, 0, sizeof(fake_tsm));
	memset(&fake_judge, 0, sizeof(fake_judge));
	fake_tsm.presence = TSM_PRESENT;
	fake_tsm.guest = TSM_ABSENT;
	strcpy(fake_tsm.name, "tsm0");
	fake_tsm.arch = STEER_TSM_ARCH_CCA;
	fake_tsm.lie = -1;
	fake_tsm.object_len = 100;
	fake_tsm.object_byte = 0x5a;
	fake_log[0] = '\0';
}

void
fake_tsm_forget(void)
{
	fake_tsm.requests = 0;
	fake_tsm.calls[0] = '\0';
}

void
fake_logger(void *arg, int level, const char *line)
{
	size_t used = strlen(fake_log);

	snprintf(fake_log + used, sizeof(fake_log) - used, "%d %s\n", level, line);
}

static void
note(const char *name, bool bad)
{
	size_t used = strlen(fake_tsm.calls);

	snprintf(fake_tsm.calls + used, sizeof(fake_tsm.calls) - used, "%s%s ", name,
		 bad ? "!" : "");
}

static bool
is_bad(struct tsm_result r)
{
	return r.err != 0 || r.tsm_code != 0 || r.residue != 0;
}

/* Towards RUN: what may not be asked any more once one such request has failed. */
static bool
is_forward(enum fake_op op)
{
	return op == FAKE_BIND || op == FAKE_LOCK || op == FAKE_VALIDATE || op == FAKE_RUN ||
	       op == FAKE_DMA_ON;
}

/* @return what the request comes to; do_it tells whether the device does it. */
static struct tsm_result
request(struct steer_tsm *t, enum fake_op op, bool *do_it)
{
	struct tsm_result r = {0};

	if (fake_tsm.before != NULL)
		fake_tsm.before(op);
	fake_tsm.requests++;
	if (fake_tsm.fail_op_on[op])
		r = fake_tsm.fail_op[op];
	if (fake_tsm.fail_nth > 0 && --fake_tsm.fail_nth == 0)
		r = fake_tsm.fail;
	if (is_forward(op) && fake_tsm.failed_change)
		fake_tsm.changes_after_failure++;
	if (is_forward(op) && is_bad(r) && !r.not_sent)
		fake_tsm.failed_change = true;
	note(op_names[op], is_bad(r));
	*do_it = !is_bad(r) || (fake_tsm.fail_after_commit && !r.not_sent);
	if (r.err < 0 && fake_tsm.says)
		tsm_fail(t, r.err, "the device says no; ask it why");
	return r;
}

static int
fake_open_way(struct steer_tsm *t)
{
	if (fake_tsm.open_rc < 0)
		return fake_tsm.open_rc;
	fake_tsm.opened = true;
	return 0;
}

static void
fake_close_way(struct steer_tsm *t)
{
	fake_tsm.opened = false;
	note("close", false);
}

static enum tsm_presence
fake_look(struct steer_tsm *t, char *name, char *why, size_t len)
{
	bool told = !fake_tsm.name_after_connect || strstr(fake_tsm.calls, "connect ") != NULL;

	snprintf(name, 32, "%s", told ? fake_tsm.name : "");
	if (fake_tsm.presence != TSM_PRESENT)
		snprintf(why, len, "made-up reason");
	if (fake_tsm.opened)
		t->arch = fake_tsm.arch;
	return fake_tsm.presence;
}

static enum tsm_presence
fake_look_guest(struct steer_tsm *t, char *name, char *why, size_t len)
{
	return fake_tsm.opened ? fake_look(t, name, why, len) : fake_tsm.guest;
}

static struct tsm_result
fake_connect(struct steer_tsm *t)
{
	bool do_it;

	return request(t, FAKE_CONNECT, &do_it);
}

static struct tsm_result
fake_bind(struct steer_tsm *t)
{
	bool do_it;
	struct tsm_result r = request(t, FAKE_BIND, &do_it);

	if (do_it)
		fake_tsm.bound = true;
	return r;
}

/* Always completes: an unbind stops the interface, too. */
static struct tsm_result
fake_unbind(struct steer_tsm *t)
{
	bool do_it;
	struct tsm_result r = request(t, FAKE_UNBIND, &do_it);

	if (do_it) {
		fake_tsm.bound = false;
		fake_tsm.tdi = TSM_TDI_UNLOCKED;
		fake_tsm.dma = false;
	}
	return r;
}

static struct tsm_result
move(struct steer_tsm *t, enum fake_op op, enum tsm_tdi to)
{
	bool do_it;
	struct tsm_result r = request(t, op, &do_it);

	if (do_it)
		fake_tsm.tdi = to;
	return r;
}

static struct tsm_result
fake_lock(struct steer_tsm *t)
{
	return move(t, FAKE_LOCK, TSM_TDI_LOCKED);
}

static struct tsm_result
fake_unlock(struct steer_tsm *t)
{
	return move(t, FAKE_UNLOCK, TSM_TDI_UNLOCKED);
}

static struct tsm_result
fake_run(struct steer_tsm *t)
{
	return move(t, FAKE_RUN, TSM_TDI_RUN);
}

static struct tsm_result
fake_regenerate(struct steer_tsm *t, enum tsm_object o, const uint8_t *nonce, size_t len)
{
	bool do_it;

	if (o == TSM_OBJECT_MEASUREMENTS) {
		memcpy(fake_tsm.nonce, nonce, len);
		fake_tsm.nonce_len = len;
	}
	return request(t, FAKE_REGENERATE, &do_it);
}

static struct tsm_result
fake_object(struct steer_tsm *t, enum tsm_object o, struct steer_tsm_bytes *out)
{
	bool do_it;
	struct tsm_result r = request(t, FAKE_OBJECT, &do_it);

	if (r.err < 0)
		return r;
	out->len = fake_tsm.object_len;
	out->data = malloc(out->len + 1);
	if (out->data == NULL)
		return (struct tsm_result){.err = -ENOMEM};
	memset(out->data, fake_tsm.object_byte + (int)o, out->len + 1);
	return r;
}

static struct tsm_result
fake_digest(struct steer_tsm *t, enum tsm_object o, uint8_t *digest)
{
	bool do_it;
	struct tsm_result r = request(t, FAKE_DIGEST, &do_it);

	if (fake_tsm.no_digest)
		r.err = -ENODATA;
	if (r.err == 0)
		memset(digest, 0xd0 + (int)o, STEER_TSM_DIGEST);
	return r;
}

static struct tsm_result
fake_validate(struct steer_tsm *t, const struct steer_tsm_device *d)
{
	bool do_it;

	return request(t, FAKE_VALIDATE, &do_it);
}

static struct tsm_result
fake_dma(struct steer_tsm *t, enum fake_op op, bool on)
{
	bool do_it;
	struct tsm_result r = request(t, op, &do_it);

	if (do_it)
		fake_tsm.dma = on;
	return r;
}

static struct tsm_result
fake_dma_on(struct steer_tsm *t)
{
	return fake_dma(t, FAKE_DMA_ON, true);
}

static struct tsm_result
fake_dma_off(struct steer_tsm *t)
{
	return fake_dma(t, FAKE_DMA_OFF, false);
}

static struct tsm_result
fake_state(struct steer_tsm *t, enum tsm_tdi *state)
{
	bool do_it;
	struct tsm_result r = request(t, FAKE_STATE, &do_it);

	*state = fake_tsm.lie >= 0 ? (enum tsm_tdi)fake_tsm.lie : fake_tsm.tdi;
	return r;
}

#define ATTESTS                                                                                    \
	.open = fake_open_way, .close = fake_close_way, .connect = fake_connect,                   \
	.bind = fake_bind, .unbind = fake_unbind, .lock = fake_lock, .unlock = fake_unlock,        \
	.regenerate = fake_regenerate, .object = fake_object, .digest = fake_digest,               \
	.run = fake_run, .state = fake_state

/* Each as its real one: what it can, and what it has. */
const struct tsm_backend tsm_backend_user = {
	.name = "user",
	.role = STEER_TSM_ROLE_USER,
	.can = TSM_CAN_ATTEST | TSM_CAN_NONCE | TSM_CAN_STATE | TSM_SIMULATED,
	.nonce_max = 32,
	.look = fake_look,
	.validate = fake_validate,
	.dma_enable = fake_dma_on,
	.dma_disable = fake_dma_off,
	ATTESTS,
};

const struct tsm_backend tsm_backend_iommufd = {
	.name = "iommufd",
	.role = STEER_TSM_ROLE_VMM,
	.can = TSM_CAN_ATTEST | TSM_CAN_NONCE,
	.nonce_max = 32,
	.look = fake_look,
	.validate = fake_validate,
	ATTESTS,
};

const struct tsm_backend tsm_backend_guest = {
	.name = "guest",
	.role = STEER_TSM_ROLE_GUEST,
	.can = TSM_CAN_ATTEST | TSM_CAN_NONCE | TSM_CAN_STATE,
	.nonce_max = 256,
	.look = fake_look_guest,
	ATTESTS,
};

const struct tsm_backend tsm_backend_sysfs = {
	.name = "sysfs",
	.role = STEER_TSM_ROLE_HOST,
	.open = fake_open_way,
	.close = fake_close_way,
	.look = fake_look,
	.connect = fake_connect,
};

void
fake_policy(struct steer_tsm_policy *p, enum steer_tsm_mode mode, enum steer_tsm_role role)
{
	steer_tsm_policy_init(p);
	p->mode = mode;
	p->role = role;
	p->nb_roots = 1;
	p->others_allowed = true;
}

struct steer_tsm *
fake_open(const struct steer_tsm_policy *p, struct steer_tsm_unbound *unbound)
{
	static const struct steer_tsm_vmm vmm = {.kvm_fd = 3};
	struct steer_tsm_args a = {.name = "nic0", .policy = p, .log = fake_logger};
	struct steer_tsm *t = NULL;

	if (p->role != STEER_TSM_ROLE_USER)
		a.pci_addr = "0000:01:00.0";
	if (p->role == STEER_TSM_ROLE_VMM)
		a.vmm = &vmm;
	if (fake_judge.store)
		a.evidence_dir = "/evidence";
	return steer_tsm_open(&a, unbound, &t) == 0 ? t : NULL;
}
