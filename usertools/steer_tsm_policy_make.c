/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A policy is made from evidence that meets it: what does not verify is no pattern for anything.
 * The file is new, or it is not written: an old policy is not replaced by what a device happens to
 * show.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "steer_tsm_policy.h"

static int
load(const char *folder, struct steer_tsm_evidence *e, struct steer_tsm_device *d,
     struct steer_tsm_policy *p)
{
	char err[256] = "";

	if (steer_tsm_evidence_load(folder, e, d, p, err, sizeof(err)) == 0)
		return 0;
	fprintf(stderr, PROGRAM ": %s: %s\n", folder, err);
	return -1;
}

/* The one folder below dir. */
static int
only_folder(const char *dir, char *path, size_t len)
{
	struct dirent *entry;
	DIR *d = opendir(dir);
	int found = 0;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			found = snprintf(path, len, "%s/%s", dir, entry->d_name) < (int)len;
	if (d != NULL)
		closedir(d);
	return found ? 0 : -1;
}

static void
remove_files(const char *dir)
{
	struct dirent *entry;
	DIR *d = opendir(dir);

	while (d != NULL && (entry = readdir(d)) != NULL)
		unlinkat(dirfd(d), entry->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

/* By way of a folder, which is what the library stores. */
static int
from_sock(const char *sock, struct steer_tsm_evidence *e, struct steer_tsm_device *d,
	  struct steer_tsm_policy *p)
{
	char dir[] = "/tmp/steer-tsm-policy-XXXXXX", folder[PATH_MAX];
	int rc = -1;

	if (mkdtemp(dir) == NULL) {
		fprintf(stderr, PROGRAM ": %s: %s\n", dir, strerror(errno));
		return -1;
	}
	if (live_collect(sock, dir) == 0 && only_folder(dir, folder, sizeof(folder)) == 0) {
		rc = load(folder, e, d, p);
		remove_files(folder);
	}
	rmdir(dir);
	return rc;
}

int
source_read(const struct source *s, struct steer_tsm_evidence *e, struct steer_tsm_device *d,
	    struct steer_tsm_policy *p)
{
	struct steer_tsm_policy stored;
	int rc = s->sock != NULL ? from_sock(s->sock, e, d, &stored)
				 : load(s->evidence, e, d, &stored);

	if (rc < 0)
		return rc;
	steer_tsm_policy_init(p);
	p->mode = STEER_TSM_REQUIRE;
	/* What cannot be seen in the evidence: how it was reached, and how its report counts. */
	p->role = stored.role;
	p->abi = stored.abi;
	p->page_numbers = s->pages_given ? s->pages : stored.page_numbers;
	return 0;
}

static int
verified(const struct source *s, const struct steer_tsm_evidence *e,
	 const struct steer_tsm_device *d, const struct steer_tsm_policy *p)
{
	struct steer_tsm_verdict v = {0};

	if (steer_tsm_judge(e, p, d, s->collected ? e->time : s->now, &v) == 0)
		return 0;
	fprintf(stderr, PROGRAM ": the evidence does not verify: %s: %s\n",
		steer_tsm_code_name(v.code), v.why);
	return -1;
}

static int
write_new(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), bad;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (f == NULL) {
		fprintf(stderr, PROGRAM ": %s: %s\n", file,
			errno == EEXIST ? "exists; a policy is not replaced: name a new file"
					: strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	bad = fprintf(f, "%s\n", text) < 0;
	if (fclose(f) != 0 || bad) {
		fprintf(stderr, PROGRAM ": %s: it could not be written whole\n", file);
		unlink(file);
		return -1;
	}
	return 0;
}

static int
write_policy(const char *file, const struct steer_tsm_policy *p)
{
	char *text = steer_tsm_policy_text(p);
	int rc;

	if (text == NULL) {
		fprintf(stderr, PROGRAM ": %s: %s\n", file, strerror(ENOMEM));
		return -1;
	}
	if (strcmp(file, "-") == 0)
		rc = puts(text) < 0 || fflush(stdout) != 0 ? -1 : 0;
	else
		rc = write_new(file, text);
	free(text);
	return rc;
}

static void
warn(const char *file, const struct steer_tsm_evidence *e)
{
	fprintf(stderr,
		PROGRAM
		": warning: %s trusts this device as it is now: its root certificate and its "
		"firmware were compared with nothing; compare the digests with its vendor's, "
		"and make a new policy after each update\n",
		file);
	if (e->simulated)
		fprintf(stderr, PROGRAM ": warning: the TSM is simulated: it protects nothing\n");
}

int
make_policy(const struct source *s, const char *file)
{
	struct steer_tsm_evidence e = {0};
	struct steer_tsm_policy p;
	struct steer_tsm_device d;
	char err[256] = "";
	int rc = source_read(s, &e, &d, &p);

	if (rc == 0 && steer_tsm_policy_from(&e, &p, err, sizeof(err)) < 0) {
		fprintf(stderr, PROGRAM ": %s\n", err);
		rc = -1;
	}
	if (rc == 0)
		rc = verified(s, &e, &d, &p);
	if (rc == 0)
		rc = write_policy(file, &p);
	if (rc == 0)
		warn(file, &e);
	steer_tsm_evidence_free(&e);
	return rc;
}
