/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What a way to a TSM offers the state machine; one file each. A back end keeps no state machine of
 * its own and judges nothing: it carries requests, and says what came back on which channel.
 */

#ifndef TSM_BACKEND_H
#define TSM_BACKEND_H

#include "steer_tsm.h"
#include "steer_tsm_evidence.h"

/** Three result channels, kept apart. */
struct tsm_result {
	int err;           /* 0 or negative errno: the request was refused or failed */
	uint32_t residue;  /* response bytes (or, without a response, request bytes) not used */
	uint64_t tsm_code; /* of the TSM; 0 proves nothing */
	bool not_sent;     /* err, and nothing was asked of the device: its state is as before */
};

enum tsm_presence {
	TSM_ABSENT, /* no TEE or IDE bit, no tsm directory, no extension: nothing at all */
	TSM_HALF,   /* something of it, but not all: a failure, never absence */
	TSM_PRESENT,
};

/* TDISP states (PCIe 7.0, 11.2.1). */
enum tsm_tdi {
	TSM_TDI_UNLOCKED = 0,
	TSM_TDI_LOCKED = 1,
	TSM_TDI_RUN = 2,
	TSM_TDI_ERROR = 3,
	TSM_TDI_UNKNOWN = 4,
};

/* Numbers of the kernel's and OpenHCL's object lists. */
enum tsm_object {
	TSM_OBJECT_VCA = 0,
	TSM_OBJECT_CHAIN = 1,
	TSM_OBJECT_MEASUREMENTS = 2,
	TSM_OBJECT_REPORT = 3,
};

/* What can be asked of the way itself. */
#define TSM_CAN_ATTEST (1u << 0) /* there is evidence at all; without: role host */
#define TSM_CAN_NONCE  (1u << 1) /* measurements with a nonce of ours */
#define TSM_CAN_STATE  (1u << 2) /* state() answers from the device */
#define TSM_SIMULATED  (1u << 3)

struct tsm_backend {
	const char *name;
	enum steer_tsm_role role;
	unsigned int can; /* TSM_CAN_*; after open() the back end may have cleared bits in t->can */
	unsigned int nonce_max; /* bytes */
	/* 0 or negative errno. */
	int (*open)(struct steer_tsm *t);
	void (*close)(struct steer_tsm *t);
	/* Is there a TSM for this device? Text in why. Its name in name[32] when known. */
	enum tsm_presence (*look)(struct steer_tsm *t, char *name, char *why, size_t whylen);
	/* Is it connected now (roles host, vmm, guest: sysfs; user: always when present)? err
	 * -ENOTCONN: no. */
	struct tsm_result (*connect)(struct steer_tsm *t);
	struct tsm_result (*bind)(struct steer_tsm *t);
	struct tsm_result (*unbind)(struct steer_tsm *t);
	struct tsm_result (*lock)(struct steer_tsm *t);
	struct tsm_result (*unlock)(struct steer_tsm *t);
	/* Make an object anew: measurements with the nonce, others without. */
	struct tsm_result (*regenerate)(struct steer_tsm *t, enum tsm_object o,
					const uint8_t *nonce, size_t len);
	/* A whole object, malloc'ed. err -ENODATA: there is none, -EFBIG over STEER_TSM_OBJECT_MAX,
	 * -EPROTO lengths that do not fit. */
	struct tsm_result (*object)(struct steer_tsm *t, enum tsm_object o,
				    struct steer_tsm_bytes *out);
	/* SHA-384 of an object over the TSM's own channel; NULL or err -ENODATA: none. */
	struct tsm_result (*digest)(struct steer_tsm *t, enum tsm_object o, uint8_t *digest);
	/* MMIO of the report is what the guest maps; NULL: nothing to say. */
	struct tsm_result (*validate)(struct steer_tsm *t, const struct steer_tsm_device *d);
	struct tsm_result (*run)(struct steer_tsm *t);
	/* Some architectures open DMA apart; NULL: nothing to do. */
	struct tsm_result (*dma_enable)(struct steer_tsm *t);
	struct tsm_result (*dma_disable)(struct steer_tsm *t);
	struct tsm_result (*state)(struct steer_tsm *t, enum tsm_tdi *state);
	/* Role host, after it was found connected: tsm_check() of what else is known; NULL:
	 * nothing. */
	void (*remark)(struct steer_tsm *t);
};

extern const struct tsm_backend tsm_backend_sysfs, tsm_backend_guest, tsm_backend_iommufd,
	tsm_backend_user;

/* The object behind the tokens. */
struct steer_tsm {
	char name[64];
	char pci_addr[32];
	struct steer_vfio_dev *vdev;
	struct steer_tsm_policy policy;
	const struct steer_tsm_vmm *vmm; /* points to own copy, or NULL */
	char evidence_dir[256];
	char root[256];
	const struct tsm_backend *ops;
	void *priv;       /* of the back end */
	unsigned int can; /* TSM_CAN_* of this device */
	enum steer_tsm_arch
		arch; /* of the device, when look() or connect() learnt it; ANY: not known */
	uint32_t timeout_ms;
	void (*log)(void *arg, int level, const char *line);
	void *log_arg;
	/* private to the state machine: machine.h */
	struct tsm_machine *m;
};

/* Text of the last error: "NAME: tsm: STEP: ..."; returns rc. */
int tsm_fail(struct steer_tsm *t, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void tsm_log(struct steer_tsm *t, int level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Add a check to the verdict that the judge does not make. */
void tsm_check(struct steer_tsm *t, const char *name, enum steer_tsm_code result, const char *fmt,
	       ...) __attribute__((format(printf, 4, 5)));

#endif /* TSM_BACKEND_H */
