/* SPDX-License-Identifier: BSD-3-Clause */

/* Keys and certificates from the folder that devtools/make-ca made. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "spdm.h"

#define HEAD (4u + TSM_DIGEST_LEN)

static FILE *
open_file(const char *dir, const char *name, const char *suffix, char *err, size_t errlen)
{
	char path[512];
	FILE *f = NULL;
	int n = snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);

	if (n >= (int)sizeof(path))
		errno = ENAMETOOLONG;
	else
		f = fopen(path, "rbe");
	if (f == NULL)
		snprintf(err, errlen, "%s: %s", path, strerror(errno));
	return f;
}

static int
load_key(struct spdm_id *id, const char *dir, const char *name, char *err, size_t errlen)
{
	FILE *f = open_file(dir, name, ".key", err, errlen);

	if (f == NULL)
		return -errno;
	id->key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	if (id->key != NULL && EVP_PKEY_get_base_id(id->key) == EVP_PKEY_EC &&
	    EVP_PKEY_get_bits(id->key) == 384)
		return 0;
	snprintf(err, errlen, "%s/%s.key: no P-384 key", dir, name);
	return -EINVAL;
}

/* Behind what is there. */
static int
load_cert(struct spdm_id *id, const char *dir, const char *name, char *err, size_t errlen)
{
	const uint32_t room = SPDM_CHAIN_MAX - id->chain_len;
	FILE *f = open_file(dir, name, ".der", err, errlen);
	size_t n;

	if (f == NULL)
		return -errno;
	n = fread(id->chain + id->chain_len, 1, room, f);
	fclose(f);
	if (n == 0 || n == room) {
		snprintf(err, errlen, "%s/%s.der: %s", dir, name,
			 n == 0 ? "empty" : "too long for a chain");
		return n == 0 ? -EINVAL : -EFBIG;
	}
	if (id->chain_len == HEAD && spdm_digest(id->chain + HEAD, n, id->chain + 4) < 0)
		return -EIO;
	id->chain_len += (uint32_t)n;
	return 0;
}

int
spdm_id_load(struct spdm_id *id, const char *dir, const char *key, const char *const *certs,
	     char *err, size_t errlen)
{
	int rc;

	*id = (struct spdm_id){.chain = calloc(1, SPDM_CHAIN_MAX), .chain_len = HEAD};
	if (id->chain == NULL) {
		snprintf(err, errlen, "no memory");
		return -ENOMEM;
	}
	rc = load_key(id, dir, key, err, errlen);
	for (; rc == 0 && *certs != NULL; certs++)
		rc = load_cert(id, dir, *certs, err, errlen);
	if (rc < 0) {
		spdm_id_free(id);
		return rc;
	}
	id->chain[0] = (uint8_t)id->chain_len;
	id->chain[1] = (uint8_t)(id->chain_len >> 8);
	return 0;
}

void
spdm_id_free(struct spdm_id *id)
{
	EVP_PKEY_free(id->key);
	free(id->chain);
	*id = (struct spdm_id){0};
}
