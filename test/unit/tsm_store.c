/* SPDX-License-Identifier: BSD-3-Clause */

/* Evidence folders: what is written is read, what is strange is refused, what fails is taken away.
 */

#include "tsm_evid_check.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

static char top[] = "/tmp/steer-tsm-store-XXXXXX";
static char dir[64], folder[320], err[256];
static unsigned int dirs;

/* write() and openat() that are to fail: the n-th from here, 0: none. */
static unsigned int fail_write, fail_open;

ssize_t __real_write(int fd, const void *p, size_t len);
ssize_t __wrap_write(int fd, const void *p, size_t len);
int __real_openat64(int at, const char *name, int flags, ...);
int __wrap_openat64(int at, const char *name, int flags, ...);

/* Only files of folders: cmocka writes, too. */
ssize_t
__wrap_write(int fd, const void *p, size_t len)
{
	if (fd > 2 && fail_write > 0 && --fail_write == 0) {
		errno = ENOSPC;
		return -1;
	}
	return __real_write(fd, p, len);
}

int
__wrap_openat64(int at, const char *name, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = va_arg(ap, int);
	va_end(ap);
	if (fail_open > 0 && --fail_open == 0) {
		errno = EMFILE;
		return -1;
	}
	return __real_openat64(at, name, flags, mode);
}

static void
remove_below(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *de;
	char name[600];

	if (d == NULL)
		return;
	while ((de = readdir(d)) != NULL) {
		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, de->d_name);
		if (unlink(name) < 0)
			remove_below(name);
	}
	closedir(d);
	rmdir(path);
}

/* Number of folders below dir; the last one's path in folder. */
static unsigned int
folders(void)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	unsigned int n = 0;

	assert_non_null(d);
	while ((de = readdir(d)) != NULL)
		if (de->d_name[0] != '.') {
			snprintf(folder, sizeof(folder), "%s/%s", dir, de->d_name);
			n++;
		}
	closedir(d);
	return n;
}

static int
begin(void **state)
{
	snprintf(dir, sizeof(dir), "%s/%u", top, dirs++);
	assert_int_equal(mkdir(dir, 0700), 0);
	fail_write = fail_open = 0;
	err[0] = '\0';
	evid_make(&w);
	evid_vouch(&w);
	evid_judge(&w);
	return 0;
}

static int
store(const char *name)
{
	return steer_tsm_evidence_store(dir, name, &w.e, &w.d, &w.p, &w.v, err, sizeof(err));
}

/* What evidence.json says instead: key by path "a.b", NULL takes it away. */
static void
rewrite(const char *object, const char *key, json_t *value)
{
	char path[400];
	json_t *root, *at;

	snprintf(path, sizeof(path), "%s/evidence.json", folder);
	root = json_load_file(path, 0, NULL);
	assert_non_null(root);
	at = object != NULL ? json_object_get(root, object) : root;
	assert_non_null(json_object_get(at, key));
	if (value != NULL)
		json_object_set_new(at, key, value);
	else
		json_object_del(at, key);
	assert_int_equal(json_dump_file(root, path, 0), 0);
	json_decref(root);
}

static void
put_file(const char *name, const char *text)
{
	char path[400];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
load(struct evid *o)
{
	memset(o, 0, sizeof(*o));
	err[0] = '\0';
	return steer_tsm_evidence_load(folder, &o->e, &o->d, &o->p, err, sizeof(err));
}

static void
not_loaded(int rc, const char *part)
{
	struct evid o;
	int got = load(&o);

	if (got != rc || strstr(err, part) == NULL)
		fail_msg("%d, not %d: \"%s\" should have \"%s\"", got, rc, err, part);
	assert_null(o.e.vca.data);
	assert_null(o.e.report.data);
}

static void
same(const struct steer_tsm_bytes *a, const struct steer_tsm_bytes *b)
{
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->data, b->data, a->len);
}

static void
what_is_written_is_read(void **state)
{
	struct evid o;

	strcpy(w.p.tsm, "tsm0");
	w.p.arch = STEER_TSM_ARCH_CCA;
	w.p.max_age_s = 77;
	w.d.msix_pba_bar = -1;
	w.d.bars[2].size = UINT64_C(1) << 40;
	assert_int_equal(store("0000:01:00.0"), 0);
	assert_int_equal(folders(), 1);
	assert_non_null(strstr(folder, "/0000:01:00.0-20261118T110639Z"));
	assert_int_equal(load(&o), 0);
	same(&o.e.vca, &w.e.vca);
	same(&o.e.chain, &w.e.chain);
	same(&o.e.measurements, &w.e.measurements);
	same(&o.e.report, &w.e.report);
	assert_int_equal(o.e.nonce_len, 32);
	assert_memory_equal(o.e.nonce, w.e.nonce, sizeof(w.e.nonce));
	assert_int_equal(o.e.time, w.e.time);
	assert_true(o.e.has_report_digest && o.e.has_chain_digest && o.e.has_measurements_digest);
	assert_memory_equal(o.e.report_digest, w.e.report_digest, 48);
	assert_memory_equal(o.e.chain_digest, w.e.chain_digest, 48);
	assert_memory_equal(o.e.measurements_digest, w.e.measurements_digest, 48);
	assert_string_equal(o.e.tsm, "tsm0");
	assert_true(o.e.simulated);
	assert_int_equal(o.e.arch, STEER_TSM_ARCH_CCA);
	assert_memory_equal(&o.d, &w.d, sizeof(w.d));
	assert_memory_equal(&o.p, &w.p, sizeof(w.p));
	steer_tsm_evidence_free(&o.e);
}

/* The same verdict, check for check, as the live one. */
static void
same_verdict(void **state)
{
	struct evid o;

	for (int good = 1; good >= 0; good--) {
		if (!good)
			w.p.measurements[1].digest[3] ^= 1;
		evid_judge(&w);
		assert_int_equal(store(good ? "good" : "bad"), 0);
		folders();
		snprintf(folder, sizeof(folder), "%s/%s-20261118T110639Z", dir,
			 good ? "good" : "bad");
		assert_int_equal(load(&o), 0);
		assert_int_equal(evid_judge(&o), good ? 0 : -EACCES);
		assert_int_equal(o.v.nb_checks, w.v.nb_checks);
		assert_memory_equal(o.v.checks, w.v.checks, sizeof(w.v.checks));
		assert_int_equal(o.v.code, w.v.code);
		assert_string_equal(o.v.why, w.v.why);
		steer_tsm_evidence_free(&o.e);
	}
}

static void
policy_and_device_may_be_left(void **state)
{
	struct steer_tsm_evidence e;

	assert_int_equal(store("nic"), 0);
	folders();
	assert_int_equal(steer_tsm_evidence_load(folder, &e, NULL, NULL, err, sizeof(err)), 0);
	same(&e.report, &w.e.report);
	steer_tsm_evidence_free(&e);
}

/* A socket's path is no path here, and two within a second are two. */
static void
names_of_folders(void **state)
{
	assert_int_equal(store("/run/nic 0.sock"), 0);
	assert_int_equal(folders(), 1);
	assert_non_null(strstr(folder, "/run_nic_0.sock-2026"));
	assert_int_equal(store("/run/nic 0.sock"), 0);
	assert_int_equal(store("../../etc"), 0);
	assert_int_equal(store(""), 0);
	assert_int_equal(folders(), 4);
	snprintf(folder, sizeof(folder), "%s/run_nic_0.sock-20261118T110639Z-1/evidence.json", dir);
	assert_int_equal(access(folder, R_OK), 0);
	snprintf(folder, sizeof(folder), "%s/device-20261118T110639Z", dir);
	assert_int_equal(access(folder, R_OK), 0);
}

static void
only_for_its_owner(void **state)
{
	char path[400];
	struct stat st;

	assert_int_equal(store("nic"), 0);
	folders();
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	snprintf(path, sizeof(path), "%s/measurements.bin", folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
}

/* A refused device's evidence is stored, too: with what was missing as an empty file. */
static void
missing_objects(void **state)
{
	struct evid o;

	free(w.e.report.data);
	w.e.report = (struct steer_tsm_bytes){0};
	w.e.nonce_len = 0;
	w.e.has_report_digest = false;
	assert_int_equal(store("nic"), 0);
	folders();
	assert_int_equal(load(&o), 0);
	assert_int_equal(o.e.report.len, 0);
	assert_int_equal(o.e.nonce_len, 0);
	assert_false(o.e.has_report_digest);
	steer_tsm_evidence_free(&o.e);
}

/* A TSM's name that is no text does not keep us from storing what it did. */
static void
strange_name_of_a_tsm(void **state)
{
	struct evid o;

	memset(w.e.tsm, 0xff, sizeof(w.e.tsm));
	assert_int_equal(store("nic\xff"), 0);
	folders();
	assert_int_equal(load(&o), 0);
	assert_int_equal(strlen(o.e.tsm), sizeof(o.e.tsm) - 1);
	assert_int_equal(o.e.tsm[0], '?');
	steer_tsm_evidence_free(&o.e);
}

static void
nowhere_to_write(void **state)
{
	snprintf(dir, sizeof(dir), "%s/none", top);
	assert_int_equal(store("nic"), -ENOENT);
	assert_non_null(strstr(err, "/none/nic-2026"));
	assert_non_null(strstr(err, "No such file"));
}

/* A failure at each file leaves nothing. */
static void
what_fails_is_taken_away(void **state)
{
	for (unsigned int i = 1; i <= 5; i++) {
		fail_write = i;
		assert_int_equal(store("nic"), -ENOSPC);
		assert_non_null(strstr(err, "No space"));
		assert_int_equal(folders(), 0);
		fail_open = i;
		assert_int_equal(store("nic"), -EMFILE);
		assert_int_equal(folders(), 0);
	}
	assert_int_equal(fail_write, 0);
	assert_int_equal(store("nic"), 0);
}

static void
folders_that_are_none(void **state)
{
	assert_int_equal(store("nic"), 0);
	folders();
	for (unsigned int i = 1; i <= 5; i++) {
		fail_open = i;
		not_loaded(-EMFILE, i == 1 ? "evidence.json" : ".bin");
	}
	put_file("evidence.json", "{");
	not_loaded(-EINVAL, "evidence.json: ");
	put_file("evidence.json", "[]");
	not_loaded(-EINVAL, "version");
	put_file("evidence.json", "{\"version\": 1, \"version\": 1}");
	not_loaded(-EINVAL, "duplicate");
	strcat(folder, "/evidence.json");
	not_loaded(-EINVAL, "Not a directory");
	assert_int_equal(unlink(folder), 0);
	*strrchr(folder, '/') = '\0';
	not_loaded(-ENOENT, "evidence.json");
	snprintf(folder, sizeof(folder), "%s/none", dir);
	not_loaded(-ENOENT, "none");
}

static void
strange_files(void **state)
{
	char path[400];
	struct evid o;

	assert_int_equal(store("nic"), 0);
	folders();
	snprintf(path, sizeof(path), "%s/chain.bin", folder);
	assert_int_equal(truncate(path, STEER_TSM_OBJECT_MAX + 4096), 0);
	assert_int_equal(load(&o), 0);
	assert_int_equal(evid_judge(&o), -EACCES);
	assert_int_equal(o.v.code, STEER_TSM_MALFORMED);
	assert_non_null(strstr(o.v.why, "chain: 16777217 bytes"));
	steer_tsm_evidence_free(&o.e);
	assert_int_equal(unlink(path), 0);
	not_loaded(-ENOENT, "chain.bin");
	assert_int_equal(mkfifo(path, 0600), 0);
	not_loaded(-EINVAL, "chain.bin");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/hostname", path), 0);
	not_loaded(-EINVAL, "chain.bin");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	not_loaded(-EINVAL, "chain.bin");
	snprintf(path, sizeof(path), "%s/evidence.json", folder);
	assert_int_equal(truncate(path, (1 << 20) + 1), 0);
	not_loaded(-EFBIG, "evidence.json");
}

static void
strange_values(void **state)
{
	static const struct {
		const char *object, *key, *value;
	} rows[] = {
		{NULL, "version", "2"},
		{NULL, "version", "\"1\""},
		{NULL, "tsm", "7"},
		{NULL, "tsm", "\"0123456789012345678901234567890123\""},
		{NULL, "simulated", "0"},
		{NULL, "arch", "\"riscv\""},
		{NULL, "time", "-1"},
		{NULL, "time", "1.5"},
		{NULL, "nonce", "\"0\""},
		{NULL, "nonce", "\"0g\""},
		{NULL, "nonce", "null"},
		{NULL, "digests", "[]"},
		{"digests", "report", "\"00\""},
		{"digests", "chain", "7"},
		{NULL, "device", "[]"},
		{"device", "bars", "{}"},
		{"device", "bars", "[{\"bar\": 6, \"size\": 1}]"},
		{"device", "bars", "[{\"bar\": 0, \"size\": -1}]"},
		{"device", "bars", "[0]"},
		{"device", "bars", "[{},{},{},{},{},{},{}]"},
		{"device", "msix-vectors", "65536"},
		{"device", "msix-table-bar", "6"},
		{"device", "msix-table-bar", "-2"},
		{"device", "tph-control", "4294967296"},
		{NULL, "mode", "\"maybe\""},
		{NULL, "policy", "7"},
		{NULL, "policy", "{\"misspelt\": 1}"},
		{NULL, "policy", "{\"roots\": [\"root.pem\"]}"}, /* no file is named from here */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(store("nic"), 0);
		folders();
		rewrite(rows[i].object, rows[i].key,
			json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
		not_loaded(-EINVAL, rows[i].key[0] == 'b' ? "evidence.json: " : rows[i].key);
		remove_below(folder);
	}
}

static void
keys_that_are_needed(void **state)
{
	static const char *const keys[] = {"version", "tsm",     "simulated", "arch", "time",
					   "nonce",   "digests", "device",    "mode", "policy"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_int_equal(store("nic"), 0);
		folders();
		rewrite(NULL, keys[i], NULL);
		not_loaded(-EINVAL, keys[i]);
		remove_below(folder);
	}
	assert_int_equal(store("nic"), 0);
	folders();
	rewrite("device", "msix-control", NULL);
	not_loaded(-EINVAL, "msix-control");
}

static int
make_top(void **state)
{
	return mkdtemp(top) != NULL ? 0 : -1;
}

static int
remove_top(void **state)
{
	remove_below(top);
	return 0;
}

int
main(void)
{
#undef CASE
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, teardown)
	const struct CMUnitTest tests[] = {
		CASE(what_is_written_is_read),
		CASE(same_verdict),
		CASE(policy_and_device_may_be_left),
		CASE(names_of_folders),
		CASE(only_for_its_owner),
		CASE(missing_objects),
		CASE(strange_name_of_a_tsm),
		CASE(nowhere_to_write),
		CASE(what_fails_is_taken_away),
		CASE(folders_that_are_none),
		CASE(strange_files),
		CASE(strange_values),
		CASE(keys_that_are_needed),
	};

	return cmocka_run_group_tests(tests, make_top, remove_top);
}
