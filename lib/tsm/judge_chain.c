/* SPDX-License-Identifier: BSD-3-Clause */

/* Whose key is it, and did it sign these measurements for us? */

#include <errno.h>
#include <string.h>

#include "judge.h"

static bool
trusted(const struct steer_tsm_policy *p, const uint8_t *digest)
{
	unsigned int i;

	for (i = 0; i < p->nb_roots && i < STEER_TSM_ROOTS_MAX; i++)
		if (memcmp(p->roots[i], digest, STEER_TSM_DIGEST) == 0)
			return true;
	return false;
}

static void
root(struct judge *j)
{
	const struct tsm_der *der = &j->chain.certs[0];
	uint8_t digest[STEER_TSM_DIGEST];

	judge_digest(j, der->p, der->len, digest);
	if (memcmp(digest, j->chain.root_hash, sizeof(digest)) != 0)
		judge_note(j, JUDGE_ROOT, STEER_TSM_CHAIN, der->p, der->len,
			   "the header's root hash is not that of the first certificate");
	else if (j->p->nb_roots == 0)
		judge_note(j, JUDGE_ROOT, STEER_TSM_EVIDENCE_MISSING, der->p, der->len,
			   "the policy trusts no root; give a file with \"roots\" by tsm-policy=");
	else if (!trusted(j->p, digest))
		judge_note(j, JUDGE_ROOT, STEER_TSM_CHAIN, der->p, der->len,
			   "the policy does not trust this root");
	else
		judge_note(j, JUDGE_ROOT, STEER_TSM_OK, der->p, der->len,
			   "the policy trusts this root");
}

static void
rejected(struct judge *j, enum judge_id id, int rc, const struct tsm_der *der, const char *why)
{
	if (rc == -ENOMEM)
		j->no_memory = true;
	judge_note(j, id, rc == 0 ? STEER_TSM_OK : STEER_TSM_CHAIN, der->p, der->len, "%s", why);
}

void
judge_chain(struct judge *j)
{
	char why[160] = "each signed by the one before it, and valid now; revocation is not asked";
	const struct tsm_der *leaf;
	struct tsm_der all;

	if (!j->has_chain)
		return;
	root(j);
	leaf = &j->chain.certs[j->chain.nb - 1];
	all.p = j->chain.certs[0].p;
	all.len = (size_t)(leaf->p + leaf->len - all.p);
	rejected(j, JUDGE_PATH, tsm_certs_path(&j->certs, j->now, why, sizeof(why)), &all, why);
	why[0] = '\0';
	rejected(j, JUDGE_LEAF, tsm_certs_leaf(&j->certs, why, sizeof(why)), leaf, why);
}

static void
signature(struct judge *j)
{
	const struct steer_tsm_evidence *e = j->e;
	EVP_PKEY *key = X509_get0_pubkey(j->certs.x[j->certs.nb - 1]);
	uint8_t message[TSM_SIGNED_LEN];
	int rc = tsm_spdm_to_sign(e->vca.data, e->vca.len, e->measurements.data,
				  j->measurements.signed_len, message);

	if (rc == 0)
		rc = key != NULL ? tsm_spdm_verify(key, message, sizeof(message),
						   j->measurements.signature)
				 : -EKEYREJECTED;
	if (rc == -ENOMEM)
		j->no_memory = true;
	if (rc == 0)
		judge_note(j, JUDGE_SIGNATURE, STEER_TSM_OK, message, sizeof(message),
			   "the leaf's key signed the negotiation and these measurements");
	else
		judge_note(j, JUDGE_SIGNATURE, STEER_TSM_SIGNATURE, message, sizeof(message),
			   "the leaf's key did not sign the negotiation and these measurements");
}

static bool
zero(const uint8_t *p, size_t len)
{
	uint8_t any = 0;

	while (len-- > 0)
		any |= p[len];
	return any == 0;
}

static void
nonce(struct judge *j)
{
	const struct steer_tsm_evidence *e = j->e;

	if (e->nonce_len < TSM_NONCE_LEN || e->nonce_len < j->p->nonce_len)
		judge_note(j, JUDGE_NONCE, STEER_TSM_STALE_NONCE, NULL, 0,
			   "%u bytes were given; the policy wants %u, and %u is the least",
			   e->nonce_len, j->p->nonce_len, TSM_NONCE_LEN);
	else if (e->nonce_len > TSM_NONCE_LEN)
		judge_note(j, JUDGE_NONCE, STEER_TSM_STALE_NONCE, NULL, 0,
			   "%u bytes were given; SPDM 1.2 signs %u", e->nonce_len, TSM_NONCE_LEN);
	else if (zero(e->nonce, e->nonce_len))
		judge_note(j, JUDGE_NONCE, STEER_TSM_STALE_NONCE, NULL, 0, "ours is all zero");
	else if (memcmp(e->nonce, j->measurements.nonce, TSM_NONCE_LEN) != 0)
		judge_note(j, JUDGE_NONCE, STEER_TSM_STALE_NONCE, j->measurements.nonce,
			   TSM_NONCE_LEN, "the measurements answer another nonce than ours");
	else
		judge_note(j, JUDGE_NONCE, STEER_TSM_OK, j->measurements.nonce, TSM_NONCE_LEN,
			   "the measurements answer our nonce");
}

void
judge_signature(struct judge *j)
{
	if (!j->has_measurements)
		return;
	if (j->has_vca && j->has_chain)
		signature(j);
	nonce(j);
}
