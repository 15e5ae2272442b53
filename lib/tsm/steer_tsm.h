/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Attach of a confidential device (TDISP, PCIe 7.0 chapter 11): one state machine for all ways to
 * reach a TEE Security Manager (TSM).
 *
 * The order is: connect, bind, lock, evidence, verify, run; DMA may be mapped after that. It is
 * kept by types: each step takes the token that the step before it gave, and a token can be had
 * from nowhere else. Lock also takes a struct steer_tsm_armed, which only
 * steer_tsm_arm() makes, from what the caller has programmed: vectors and TPH.
 *
 * A step that fails has gone all the way back before it returns (unlocked, unbound: UNBOUND), or,
 * where a request that changes the device failed or its state is not the expected one, has left the
 * device in STEER_TSM_UNKNOWN or _ERROR: nothing is retried, no DMA may be mapped, and
 * steer_tsm_close() tries the way back once. Either way no token is good any more: close, and open
 * again to try again.
 *
 * Every step returns 0; -EACCES refused, the verdict has the outcome and steer_tsm_error() the line
 * (the errno of the request is in the verdict, too); -EPERM the token is not good, and nothing has
 * happened; -ENOMEM. What a step returns beside that is said there.
 *
 * Calls on one object must be serialised by the caller but for steer_tsm_watch(),
 * steer_tsm_state(), steer_tsm_verdict_get() and steer_tsm_error(), which may come from other
 * threads until steer_tsm_close(). Control plane: every call may block, for the policy's time limit
 * per request.
 */

#ifndef STEER_TSM_H
#define STEER_TSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "steer_tsm_policy.h"
#include "steer_tsm_verdict.h"

#ifdef __cplusplus
extern "C" {
#endif

struct steer_vfio_dev;
struct steer_tsm;

/** Where a device is. ERROR is what the device said; UNKNOWN is what nobody can say: quarantine. */
enum steer_tsm_state {
	STEER_TSM_UNBOUND,
	STEER_TSM_CONNECTED,
	STEER_TSM_BOUND,
	STEER_TSM_LOCKED,
	STEER_TSM_VERIFIED,
	STEER_TSM_RUN,
	STEER_TSM_UNKNOWN,
	STEER_TSM_ERROR,
};
/** "unbound", ...; "?" for anything else. */
const char *steer_tsm_state_name(enum steer_tsm_state s);

/** A piece of MMIO that the caller will use; what the interface report must cover. */
struct steer_tsm_bar {
	uint8_t bar;   /**< 0..5 */
	uint64_t size; /**< bytes, of the whole BAR */
};

/** What the caller has programmed, and the report must agree with. */
struct steer_tsm_device {
	struct steer_tsm_bar bars[6];
	unsigned int nb_bars;
	uint16_t msix_vectors; /**< vectors that SET_IRQS has allocated; 0: the device has none */
	int8_t msix_table_bar; /**< -1: none */
	uint32_t msix_table_offset, msix_table_size; /**< bytes */
	int8_t msix_pba_bar;                         /**< -1: none */
	uint32_t msix_pba_offset, msix_pba_size;
	uint16_t msix_control; /**< message control as read back */
	uint32_t tph_control;  /**< TPH control register as read back; 0: no TPH or off */
};

/** How to reach the TSM of a device. What a role does not need may be left 0. */
struct steer_tsm_args {
	const char *name;            /**< in every message; copied */
	const char *pci_addr;        /**< "0000:01:00.0" of a kernel device; copied */
	struct steer_vfio_dev *vdev; /**< open, with a private space; NULL in roles host and guest
					before the open */
	const struct steer_tsm_policy *policy; /**< copied */
	const struct steer_tsm_vmm
		*vmm; /**< role vmm: what the embedding VMM gives (steer_tsm_vmm.h); copied */
	const char *evidence_dir; /**< tsm-evidence=; NULL: evidence is not stored */
	const char *root;         /**< in front of /sys and /dev; NULL: nothing */
	/** One line each time something is worth telling; level as of syslog(3). May be NULL. */
	void (*log)(void *arg, int level, const char *line);
	void *log_arg;
};

/**
 * Tokens: what a step gives and the next one takes. Each is good for one use, of the object that it
 * is from: another one, one used before, and a zero-initialised one are refused with -EPERM, and
 * nothing has happened. gen is the library's.
 */
struct steer_tsm_unbound {
	struct steer_tsm *tsm;
	uint64_t gen;
};
struct steer_tsm_connected {
	struct steer_tsm *tsm;
	uint64_t gen;
};
struct steer_tsm_bound {
	struct steer_tsm *tsm;
	uint64_t gen;
};
struct steer_tsm_armed {
	struct steer_tsm *tsm;
	uint64_t gen;
};
struct steer_tsm_locked {
	struct steer_tsm *tsm;
	uint64_t gen;
};
struct steer_tsm_verified {
	struct steer_tsm *tsm;
	uint64_t gen;
};
struct steer_tsm_running {
	struct steer_tsm *tsm;
	uint64_t gen;
};

/**
 * Choose the back end of the policy's role. Nothing is asked of the device yet.
 * @return 0 (also when the TSM is absent: steer_tsm_connect() decides by the policy), -EINVAL bad
 *   arguments (mode off, role vmm without vmm, nonce, names too long; a line is logged), -ENOMEM.
 */
int steer_tsm_open(const struct steer_tsm_args *args, struct steer_tsm_unbound *out,
		   struct steer_tsm **tsm);
/**
 * Undo everything that is done and free, in the order of the way back: caller has stopped queues
 * and unmapped. NULL is allowed.
 */
void steer_tsm_close(struct steer_tsm *tsm);

/**
 * Is there a TSM, the right one, and can it attest what the policy demands?
 * @return 0; 1 absent and tolerated (mode prefer): the device may be used plain, and a warning is
 *   logged; it is not attached then, and has only to be closed.
 */
int steer_tsm_connect(struct steer_tsm_unbound in, struct steer_tsm_connected *out);
/** Bind the device to its TSM. */
int steer_tsm_bind(struct steer_tsm_connected in, struct steer_tsm_bound *out);
/**
 * Say what is programmed; no vector, TPH or BAR may change from here to steer_tsm_unlock().
 * @return also -EINVAL: no BARs, MSI-X without vectors, or a table outside its BAR.
 */
int steer_tsm_arm(struct steer_tsm_bound in, const struct steer_tsm_device *device,
		  struct steer_tsm_armed *out);
/** CONFIG_LOCKED (PCIe 7.0, 11.2.1), and the device says so itself. */
int steer_tsm_lock(struct steer_tsm_armed in, struct steer_tsm_locked *out);
/**
 * A nonce that was never used before, evidence of the locked device, all checks. Evidence is stored
 * when asked for, also of a device that is refused; that it cannot be stored is logged only.
 */
int steer_tsm_verify(struct steer_tsm_locked in, struct steer_tsm_verified *out);
/** RUN, when it is still locked and then says that it runs. */
int steer_tsm_run(struct steer_tsm_verified in, struct steer_tsm_running *out);
/**
 * May DMA be mapped now? Asks the device once more, and does not use the token up. Role guest: the
 * first call also compares the report with the one that was judged, since opening the function
 * resets it.
 * @return 0, -EACCES it is not in RUN (any more), -EPERM the token is not good: also when the watch
 *   has found it lost.
 */
int steer_tsm_dma_allowed(struct steer_tsm_running in);

/** All steps from connect to bind, and from arm to run, with one way back. */
int steer_tsm_attach_begin(struct steer_tsm_unbound in, struct steer_tsm_bound *out);
int steer_tsm_attach_finish(struct steer_tsm_bound in, const struct steer_tsm_device *device,
			    struct steer_tsm_running *out);
/**
 * Back to BOUND, for a reset: the caller has stopped the queues and unmapped all DMA. Evidence is
 * void; arm, lock, verify and run follow the reset.
 * @return 0, -EIO the device did not go back, or is in quarantine; -EPERM it is not locked.
 */
int steer_tsm_unlock(struct steer_tsm *tsm, struct steer_tsm_bound *out);

/**
 * Look at the device: is it still in RUN (role host, and ways that cannot ask: still connected, by
 * the same TSM)? Not attached: nothing to look at, 0. To be called at least twice a second while
 * attached, from a thread that may block.
 * @return 0 as before; 1 lost where the policy only warns (told once); -ENOLINK lost, and each
 *   time again: the caller stops the queues, unmaps and quarantines. The verdict then has
 * STATE_LOST. -EINVAL tsm is NULL.
 */
int steer_tsm_watch(struct steer_tsm *tsm);
/** Thread-safe. */
enum steer_tsm_state steer_tsm_state(const struct steer_tsm *tsm);
/** A copy of the verdict as it stands. Thread-safe. */
void steer_tsm_verdict_get(struct steer_tsm *tsm, struct steer_tsm_verdict *v);
/**
 * One line about the last failed call on this object: "NAME: tsm: STEP: reason; what to do". Valid
 * until the next call of the same thread.
 */
const char *steer_tsm_error(const struct steer_tsm *tsm);

#ifdef __cplusplus
}
#endif
#endif /* STEER_TSM_H */
