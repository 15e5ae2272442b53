/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What a user demands of a confidential device: tsm=, and the JSON file tsm-policy=
 * (doc/tsm-policy.schema.json).
 */

#ifndef STEER_TSM_POLICY_H
#define STEER_TSM_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Digests are SHA-384. */
#define STEER_TSM_DIGEST           48u
#define STEER_TSM_ROOTS_MAX        16u
#define STEER_TSM_MEASUREMENTS_MAX 64u
#define STEER_TSM_NONCE_MIN        32u
#define STEER_TSM_NONCE_MAX        256u

enum steer_tsm_mode { STEER_TSM_OFF, STEER_TSM_PREFER, STEER_TSM_REQUIRE };
enum steer_tsm_role {
	STEER_TSM_ROLE_AUTO, /**< user for a vfio-user device that offers it, vmm when a VMM is
			      * given, guest where the kernel has it, else host; under require host
			      * is taken only with host_admin */
	STEER_TSM_ROLE_HOST,
	STEER_TSM_ROLE_VMM,
	STEER_TSM_ROLE_GUEST,
	STEER_TSM_ROLE_USER,
};
/** Published ABIs of the request ioctl. Explicit: an errno never tells one from another. */
enum steer_tsm_abi {
	STEER_TSM_ABI_NONE, /**< "auto-safe", "sysfs-only": no ioctl of a proposal is ever sent */
	STEER_TSM_ABI_V5,
	STEER_TSM_ABI_V5_JUNE,
	STEER_TSM_ABI_V6,
	STEER_TSM_ABI_V7_INT,
	STEER_TSM_ABI_SIM, /**< vfu-nic's software TSM */
};
/** Values of the 48-byte ABI. */
enum steer_tsm_arch {
	STEER_TSM_ARCH_ANY = 0,
	STEER_TSM_ARCH_CCA = 1,
	STEER_TSM_ARCH_SEV = 2,
	STEER_TSM_ARCH_TDX = 3,
};

struct steer_tsm_measurement {
	uint8_t index; /**< 1..254, as in the measurement block */
	uint8_t digest[STEER_TSM_DIGEST];
};

struct steer_tsm_policy {
	enum steer_tsm_mode mode; /**< devarg tsm=, not in the file */
	char tsm[32];             /**< name in /sys/class/tsm, "any" */
	enum steer_tsm_role role;
	enum steer_tsm_abi abi;
	enum steer_tsm_arch arch;
	uint8_t roots[STEER_TSM_ROOTS_MAX][STEER_TSM_DIGEST]; /**< of the root certificate's DER */
	unsigned int nb_roots;
	/** Several entries of one index are alternatives. A block whose index is not listed is
	 * refused unless others_allowed. */
	struct steer_tsm_measurement measurements[STEER_TSM_MEASUREMENTS_MAX];
	unsigned int nb_measurements;
	bool others_allowed;
	uint16_t report_required; /**< bits of interface_info */
	uint16_t report_forbidden;
	uint16_t nonce_len;  /**< 32..256 */
	uint32_t max_age_s;  /**< of evidence when it is judged; 0: no limit */
	uint32_t timeout_ms; /**< of one request; default 20000 */
	bool host_admin;     /**< "evidence": "host-admin" */
	bool unsafe_inferred_abi;
	bool page_numbers; /**< "report-unit": "pages": first_page counts pages; "bytes" else */
};

/** mode off, role auto, any TSM, nonce 32, ABI none, no digest: nothing can be verified yet. */
void steer_tsm_policy_init(struct steer_tsm_policy *p);
/**
 * Read a policy file into p, over what is there.
 * @param err one line: FILE: key: what is wrong; what is allowed
 * @return 0, -ENOENT, -EACCES, -EINVAL (also an unknown key), -EFBIG more than 1 MiB, -ENOMEM.
 */
int steer_tsm_policy_load(const char *path, struct steer_tsm_policy *p, char *err, size_t errlen);
/** The same from text; relative PEM paths are below dir. */
int steer_tsm_policy_parse(const char *text, size_t len, const char *dir,
			   struct steer_tsm_policy *p, char *err, size_t errlen);
/** Can this policy ever be met in its mode? @return 0, -EINVAL and one line. */
int steer_tsm_policy_check(const struct steer_tsm_policy *p, char *err, size_t errlen);
/** JSON text of a policy (mode is not in it), malloc'ed. @return NULL without memory. */
char *steer_tsm_policy_text(const struct steer_tsm_policy *p);

/** Names as in the file. parse: enum value or -EINVAL. */
const char *steer_tsm_mode_name(enum steer_tsm_mode m);
int steer_tsm_mode_parse(const char *text);
const char *steer_tsm_role_name(enum steer_tsm_role r);
int steer_tsm_role_parse(const char *text);
const char *steer_tsm_abi_name(enum steer_tsm_abi a);
int steer_tsm_abi_parse(const char *text);
const char *steer_tsm_arch_name(enum steer_tsm_arch a);
int steer_tsm_arch_parse(const char *text);

#ifdef __cplusplus
}
#endif
#endif /* STEER_TSM_POLICY_H */
