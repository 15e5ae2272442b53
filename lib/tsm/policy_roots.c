/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "policy.h"

static int
add(struct policy_reading *r, const uint8_t *digest)
{
	if (r->p->nb_roots == STEER_TSM_ROOTS_MAX)
		return policy_bad(r, -EINVAL, "roots", "more than %u; give fewer",
				  STEER_TSM_ROOTS_MAX);
	memcpy(r->p->roots[r->p->nb_roots++], digest, STEER_TSM_DIGEST);
	return 0;
}

static int
add_certificate(struct policy_reading *r, const char *name, X509 *cert)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (X509_digest(cert, EVP_sha384(), digest, &len) != 1 || len != STEER_TSM_DIGEST)
		return policy_bad(r, -EINVAL, "roots", "%s: no SHA-384 of a certificate", name);
	return add(r, digest);
}

/* Every certificate of the file is a root; anything else in it is not looked at. */
static int
add_certificates(struct policy_reading *r, const char *name, BIO *bio)
{
	unsigned int nb = 0;
	int rc = 0;
	X509 *cert;

	while (rc == 0 && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		rc = add_certificate(r, name, cert);
		X509_free(cert);
		nb++;
	}
	if (rc == 0 && (nb == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE))
		rc = policy_bad(r, -EINVAL, "roots", "%s: not PEM certificates throughout", name);
	ERR_clear_error();
	return rc;
}

static int
add_file(struct policy_reading *r, const char *name)
{
	char path[4096], *text = NULL;
	size_t len;
	BIO *bio;
	int rc;

	if (snprintf(path, sizeof(path), "%s%s%s", name[0] == '/' ? "" : r->dir,
		     name[0] == '/' ? "" : "/", name) >= (int)sizeof(path))
		return policy_bad(r, -EINVAL, "roots", "a path of more than %zu bytes",
				  sizeof(path) - 1);
	rc = policy_file(path, &text, &len);
	if (rc < 0)
		return policy_bad(r, rc, "roots", "%s: %s", path,
				  rc == -EINVAL ? "not a regular file" : strerror(-rc));
	bio = BIO_new_mem_buf(text, (int)len);
	rc = bio == NULL ? policy_bad(r, -ENOMEM, "roots", "%s", strerror(ENOMEM))
			 : add_certificates(r, path, bio);
	BIO_free(bio);
	free(text);
	return rc;
}

int
policy_root(struct policy_reading *r, const char *text)
{
	size_t len = strlen(text);
	uint8_t digest[STEER_TSM_DIGEST];

	if (policy_hex(text, digest) == 0)
		return add(r, digest);
	if (len <= 4 || strcmp(text + len - 4, ".pem") != 0)
		return policy_bad(r, -EINVAL, "roots",
				  "'%.40s' is neither 96 hexadecimal digits (SHA-384 of a root "
				  "certificate) nor a .pem file",
				  text);
	if (r->dir == NULL)
		return policy_bad(r, -EINVAL, "roots", "'%.40s': no file may be named here", text);
	return add_file(r, text);
}
