/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Evidence as an SPDM 1.2 responder (DSP0274) would give it: the bytes of its messages, and
 * signatures by OpenSSL. Simulated: there is one requester, the software TSM in this process, so
 * the messages are made as a pair, and no session secures them.
 */

#ifndef VFU_NIC_SPDM_H
#define VFU_NIC_SPDM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tsm_proto.h>

#define SPDM_VCA_LEN     120u
#define SPDM_BLOCKS      4u
#define SPDM_REQUEST_LEN 37u /* GET_MEASUREMENTS with nonce and slot */
#define SPDM_MEAS_MAX    1024u
#define SPDM_CHAIN_MAX   16384u

/** A key of the device (EVP_PKEY), and the chain that is said to be its own. */
struct spdm_id {
	void *key;
	uint8_t *chain; /* object: head and certificates */
	uint32_t chain_len;
};

/** GET_VERSION to ALGORITHMS, message behind message. @return SPDM_VCA_LEN. */
uint32_t spdm_vca(uint8_t *out);

/** spdm_chain.c */
/**
 * @param dir what devtools/make-ca made
 * @param key name of the key's file, without ".key"
 * @param certs names of the certificates' files, without ".der", root first; NULL behind the last
 * @param err one line: which file, and why
 * @return 0, negative errno of a file, -EINVAL no P-384 key, -EFBIG, -ENOMEM.
 */
int spdm_id_load(struct spdm_id *id, const char *dir, const char *key, const char *const *certs,
		 char *err, size_t errlen);
void spdm_id_free(struct spdm_id *id);
/** SHA-384. @return 0 or -EIO. */
int spdm_digest(const void *data, size_t len, uint8_t *digest);

/** What one GET_MEASUREMENTS is about. */
struct spdm_ask {
	const uint8_t *nonce; /* of the requester, TSM_NONCE_LEN */
	bool raw;             /* values instead of digests */
	bool other_firmware;  /* block 2 is not what it was */
	bool without_vca;     /* sign a transcript that does not begin with it */
};
/**
 * spdm_measure.c: request and signed response, one behind the other.
 * @param out room for SPDM_MEAS_MAX
 * @return length, or -EIO.
 */
int spdm_measurements(const struct spdm_id *id, const struct spdm_ask *ask, uint8_t *out);

/** spdm_sign.c: r, s over the transcript, in SPDM 1.2's own way. @return 0 or -EIO. */
int spdm_sign(const struct spdm_id *id, const void *transcript, size_t len, uint8_t *sig);

#endif /* VFU_NIC_SPDM_H */
