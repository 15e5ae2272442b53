/* SPDX-License-Identifier: BSD-3-Clause */

/* Policy files: every key, what is wrong with one in one line, and that a bad file changes nothing.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "steer_tsm.h"
#include "tsm_proto.h"

#define D48(a)                                                                                     \
	a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a  \
		a a a
#define HEX_A D48("a5")
#define HEX_B D48("0F")

static char err[256];

static int
parse(const char *text, struct steer_tsm_policy *p)
{
	err[0] = '\0';
	return steer_tsm_policy_parse(text, strlen(text), NULL, p, err, sizeof(err));
}

static void
accepts(const char *text, struct steer_tsm_policy *p)
{
	steer_tsm_policy_init(p);
	if (parse(text, p) != 0)
		fail_msg("%s: %s", text, err);
}

static void
rejects(const char *text, const char *why)
{
	struct steer_tsm_policy p, before;

	steer_tsm_policy_init(&p);
	p.nb_roots = 3;
	before = p;
	assert_int_equal(parse(text, &p), -EINVAL);
	if (strcmp(err, why) != 0)
		fail_msg("%s: '%s', expected '%s'", text, err, why);
	assert_memory_equal(&p, &before, sizeof(p));
}

static void
defaults_verify_nothing_yet(void **state)
{
	struct steer_tsm_policy p;

	accepts("{}", &p);
	assert_int_equal(p.mode, STEER_TSM_OFF);
	assert_int_equal(p.role, STEER_TSM_ROLE_AUTO);
	assert_int_equal(p.abi, STEER_TSM_ABI_NONE);
	assert_int_equal(p.arch, STEER_TSM_ARCH_ANY);
	assert_string_equal(p.tsm, "any");
	assert_int_equal(p.nonce_len, 32);
	assert_int_equal(p.timeout_ms, 20000);
	assert_int_equal(p.nb_roots + p.nb_measurements, 0);
	assert_false(p.others_allowed || p.host_admin || p.unsafe_inferred_abi || p.page_numbers);
}

static void
every_key_is_read(void **state)
{
	static const char text[] =
		"{\"tsm\": \"tsm3\", \"role\": \"vmm\", \"abi\": \"v5-june\", \"arch\": \"sev\","
		"\"roots\": [\"" HEX_A "\", \"" HEX_B "\"],"
		"\"measurements\": [{\"index\": 1, \"digest\": \"" HEX_A "\"},"
		" {\"digest\": \"" HEX_B "\", \"index\": 254}],"
		"\"other-measurements\": \"allow\","
		"\"report\": {\"required\": [\"no-fw-update\", \"dma-without-pasid\"],"
		" \"forbidden\": [\"ats\", \"prs\", \"dma-with-pasid\", \"xt\"], \"unit\": "
		"\"pages\"},"
		"\"nonce-bytes\": 256, \"max-age-s\": 4294967295, \"timeout-ms\": 600000,"
		"\"evidence\": \"host-admin\", \"unsafe-inferred-abi\": true,"
		"\"tph-control\": \"as-programmed\"}";
	struct steer_tsm_policy p;

	accepts(text, &p);
	assert_string_equal(p.tsm, "tsm3");
	assert_int_equal(p.role, STEER_TSM_ROLE_VMM);
	assert_int_equal(p.abi, STEER_TSM_ABI_V5_JUNE);
	assert_int_equal(p.arch, STEER_TSM_ARCH_SEV);
	assert_int_equal(p.nb_roots, 2);
	assert_int_equal(p.roots[0][0], 0xa5);
	assert_int_equal(p.roots[1][47], 0x0f);
	assert_int_equal(p.nb_measurements, 2);
	assert_int_equal(p.measurements[0].index, 1);
	assert_int_equal(p.measurements[0].digest[47], 0xa5);
	assert_int_equal(p.measurements[1].index, 254);
	assert_true(p.others_allowed && p.host_admin && p.unsafe_inferred_abi && p.page_numbers);
	assert_int_equal(p.report_required, 0x03);
	assert_int_equal(p.report_forbidden, 0x3c);
	assert_int_equal(p.nonce_len, 256);
	assert_int_equal(p.max_age_s, UINT32_MAX);
	assert_int_equal(p.timeout_ms, 600000);
}

static void
words_have_their_values(void **state)
{
	static const struct {
		const char *text;
		int value;
	} abis[] = {{"auto-safe", STEER_TSM_ABI_NONE}, {"sysfs-only", STEER_TSM_ABI_NONE},
		    {"v5", STEER_TSM_ABI_V5},          {"v5-june", STEER_TSM_ABI_V5_JUNE},
		    {"v6", STEER_TSM_ABI_V6},          {"v7-int", STEER_TSM_ABI_V7_INT},
		    {"sim", STEER_TSM_ABI_SIM}};
	static const char *const roles[] = {"auto", "host", "vmm", "guest", "user"};
	static const char *const archs[] = {"any", "cca", "sev", "tdx"};
	struct steer_tsm_policy p;
	char text[64];

	for (size_t i = 0; i < 7; i++) {
		snprintf(text, sizeof(text), "{\"abi\": \"%s\"}", abis[i].text);
		accepts(text, &p);
		assert_int_equal(p.abi, abis[i].value);
	}
	for (int i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "{\"role\": \"%s\"}", roles[i]);
		accepts(text, &p);
		assert_int_equal(p.role, i);
		assert_string_equal(steer_tsm_role_name(p.role), roles[i]);
	}
	for (int i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), "{\"arch\": \"%s\"}", archs[i]);
		accepts(text, &p);
		assert_int_equal(p.arch, i);
	}
	assert_int_equal(steer_tsm_mode_parse("require"), STEER_TSM_REQUIRE);
	assert_int_equal(steer_tsm_mode_parse("prefer"), STEER_TSM_PREFER);
	assert_int_equal(steer_tsm_mode_parse("off"), STEER_TSM_OFF);
	assert_int_equal(steer_tsm_mode_parse("Require"), -EINVAL);
	assert_int_equal(steer_tsm_mode_parse(NULL), -EINVAL);
	assert_string_equal(steer_tsm_mode_name(7), "?");
	assert_string_equal(steer_tsm_code_name(STEER_TSM_TIMEOUT), "TIMEOUT");
	assert_string_equal(steer_tsm_code_name(STEER_TSM_TIMEOUT + 1), "?");
	assert_string_equal(steer_tsm_state_name(STEER_TSM_ERROR), "error");
}

static void
what_is_wrong_is_said(void **state)
{
	static const char *const rows[][2] = {
		{"[]", "policy: not an object"},
		{"{\"rots\": []}",
		 "policy: unknown key 'rots'; doc/tsm-policy.schema.json has all"},
		{"{\"report\": {\"unite\": 1}}",
		 "report: unknown key 'unite'; doc/tsm-policy.schema.json has all"},
		{"{\"mode\": \"require\"}",
		 "policy: unknown key 'mode'; doc/tsm-policy.schema.json has all"},
		{"{\"tsm\": \"\"}",
		 "tsm: not \"any\" or a name of /sys/class/tsm (at most 31 letters, digits, '-', "
		 "'_', '.')"},
		{"{\"role\": \"boss\"}", "role: not one of auto, host, vmm, guest, user"},
		{"{\"role\": 1}", "role: not one of auto, host, vmm, guest, user"},
		{"{\"abi\": \"v8\"}",
		 "abi: not one of auto-safe, sysfs-only, v5, v5-june, v6, v7-int, sim"},
		{"{\"arch\": \"x86\"}", "arch: not one of any, cca, sev, tdx"},
		{"{\"roots\": \"" HEX_A "\"}", "roots: not a list"},
		{"{\"roots\": [5]}", "roots: entry 0 is not a string"},
		{"{\"roots\": [\"a5\"]}",
		 "roots: 'a5' is neither 96 hexadecimal digits (SHA-384 of a "
		 "root certificate) nor a .pem file"},
		{"{\"roots\": [\"ca.pem\"]}", "roots: 'ca.pem': no file may be named here"},
		{"{\"measurements\": {}}", "measurements: not a list"},
		{"{\"measurements\": [{}]}",
		 "measurements: entry 0 is not {\"index\", \"digest\"}"},
		{"{\"measurements\": [{\"index\": 0, \"digest\": \"" HEX_A "\"}]}",
		 "measurements: index: not a whole number from 1 to 254"},
		{"{\"measurements\": [{\"index\": 255, \"digest\": \"" HEX_A "\"}]}",
		 "measurements: index: not a whole number from 1 to 254"},
		{"{\"measurements\": [{\"index\": 1, \"digest\": \"" HEX_A "a\"}]}",
		 "measurements: digest: not SHA-384 in 96 hexadecimal digits"},
		{"{\"measurements\": [{\"index\": 1, \"digest\": \"" HEX_A "\", \"x\": 1}]}",
		 "measurements: unknown key 'x'; doc/tsm-policy.schema.json has all"},
		{"{\"other-measurements\": true}",
		 "other-measurements: not \"refuse\" or \"allow\""},
		{"{\"report\": []}", "report: not an object"},
		{"{\"report\": {\"required\": \"ats\"}}", "report: required: not a list of flags"},
		{"{\"report\": {\"forbidden\": [\"ats\", \"atss\"]}}",
		 "report: forbidden: entry 1 is not one of no-fw-update, dma-without-pasid, "
		 "dma-with-pasid, ats, prs, xt"},
		{"{\"report\": {\"unit\": \"words\"}}", "report: unit: not \"bytes\" or \"pages\""},
		{"{\"nonce-bytes\": 31}", "nonce-bytes: not a whole number from 32 to 256"},
		{"{\"nonce-bytes\": 257}", "nonce-bytes: not a whole number from 32 to 256"},
		{"{\"nonce-bytes\": 32.5}", "nonce-bytes: not a whole number from 32 to 256"},
		{"{\"max-age-s\": -1}", "max-age-s: not a whole number from 0 to 4294967295"},
		{"{\"max-age-s\": 4294967296}",
		 "max-age-s: not a whole number from 0 to 4294967295"},
		{"{\"timeout-ms\": 0}", "timeout-ms: not a whole number from 1 to 600000"},
		{"{\"evidence\": \"none\"}", "evidence: not \"device\" or \"host-admin\""},
		{"{\"unsafe-inferred-abi\": 1}", "unsafe-inferred-abi: not true or false"},
		{"{\"tph-control\": \"any\"}",
		 "tph-control: not \"as-programmed\", the only value"},
		{"{\"role\": \"host\", \"role\": \"user\"}",
		 "JSON: line 1: duplicate object key near '\"role\"'"},
		{"{\"ro\\nle\": 1}",
		 "policy: unknown key 'ro?le'; doc/tsm-policy.schema.json has all"},
		{"{\n\"role\" \"host\"}", "JSON: line 2: ':' expected near '\"host\"'"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		rejects(rows[i][0], rows[i][1]);
}

static void
names_of_a_tsm_are_no_paths(void **state)
{
	static const char *const bad[] = {"..",
					  ".",
					  "../tsm0",
					  "a/b",
					  "tsm 0",
					  "ts\\u0001m",
					  "0123456789012345678901234567890x"};
	struct steer_tsm_policy p;
	char text[128];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "{\"tsm\": \"%s\"}", bad[i]);
		steer_tsm_policy_init(&p);
		assert_int_equal(parse(text, &p), -EINVAL);
	}
	accepts("{\"tsm\": \"tsm-0_a.b\"}", &p);
	accepts("{\"tsm\": \"0123456789012345678901234567890\"}", &p);
	assert_int_equal(strlen(p.tsm), 31);
}

/* "[" entry "," entry ... "]" */
static char *
list(const char *key, const char *entry, unsigned int nb)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fprintf(f, "{\"%s\": [", key);
	for (unsigned int i = 0; i < nb; i++)
		fprintf(f, "%s%s", i ? "," : "", entry);
	fprintf(f, "]}");
	fclose(f);
	return text;
}

static void
lists_have_an_end(void **state)
{
	static const char measurement[] = "{\"index\": 7, \"digest\": \"" HEX_A "\"}";
	struct steer_tsm_policy p;
	char *text;

	text = list("roots", "\"" HEX_A "\"", 16);
	accepts(text, &p);
	assert_int_equal(p.nb_roots, 16);
	free(text);
	text = list("roots", "\"" HEX_A "\"", 17);
	rejects(text, "roots: more than 16; give fewer");
	free(text);
	text = list("measurements", measurement, 64);
	accepts(text, &p);
	assert_int_equal(p.nb_measurements, 64);
	free(text);
	text = list("measurements", measurement, 65);
	rejects(text, "measurements: more than 64; give fewer");
	free(text);
}

/* Over what is there: a list that is given replaces the one before. */
static void
a_second_file_replaces_what_it_names(void **state)
{
	struct steer_tsm_policy p;

	accepts("{\"roots\": [\"" HEX_A "\", \"" HEX_B "\"], \"tsm\": \"tsm1\"}", &p);
	p.mode = STEER_TSM_REQUIRE;
	assert_int_equal(parse("{\"roots\": [\"" HEX_B "\"]}", &p), 0);
	assert_int_equal(p.nb_roots, 1);
	assert_int_equal(p.roots[0][0], 0x0f);
	assert_string_equal(p.tsm, "tsm1");
	assert_int_equal(p.mode, STEER_TSM_REQUIRE);
}

static void
text_of_a_policy_is_its_file(void **state)
{
	struct steer_tsm_policy p, again;
	char *text;

	accepts("{\"tsm\": \"t\", \"role\": \"user\", \"abi\": \"sim\", \"arch\": \"tdx\","
		"\"roots\": [\"" HEX_A "\"], \"measurements\": [{\"index\": 9, \"digest\": \"" HEX_B
		"\"}], \"other-measurements\": \"allow\", \"report\": {\"required\": [\"xt\"],"
		"\"forbidden\": [\"prs\", \"ats\"], \"unit\": \"pages\"}, \"nonce-bytes\": 48,"
		"\"max-age-s\": 60, \"timeout-ms\": 9, \"evidence\": \"host-admin\","
		"\"unsafe-inferred-abi\": true}",
		&p);
	text = steer_tsm_policy_text(&p);
	assert_non_null(text);
	accepts(text, &again);
	assert_memory_equal(&p, &again, sizeof(p));
	free(text);
}

static void
errors_fit_any_buffer(void **state)
{
	struct steer_tsm_policy p;
	char tiny[4] = "zzz";

	steer_tsm_policy_init(&p);
	assert_int_equal(steer_tsm_policy_parse("[]", 2, NULL, &p, tiny, sizeof(tiny)), -EINVAL);
	assert_string_equal(tiny, "pol");
	assert_int_equal(steer_tsm_policy_parse("[]", 2, NULL, &p, NULL, 0), -EINVAL);
}

/* ---- files ---- */

static char dir[64];

static int
make_dir(void **state)
{
	strcpy(dir, "/tmp/tsm-policy-XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
remove_dir(void **state)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -r '%s'", dir);
	return system(command) == 0 ? 0 : -1; /* NOLINT: our own folder */
}

static const char *
in_dir(const char *name)
{
	static char path[2][128];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(in_dir(name), "w");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) < 0, 0);
	assert_int_equal(fclose(f), 0);
}

static X509 *
certificate(EVP_PKEY *key, long serial)
{
	X509 *x = X509_new();

	ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha384()) > 0);
	return x;
}

static void
roots_may_be_files_of_certificates(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-384");
	uint8_t want[2][STEER_TSM_DIGEST];
	struct steer_tsm_policy p;
	unsigned int len;
	FILE *f = fopen(in_dir("ca.pem"), "w");

	for (long i = 0; i < 2; i++) {
		X509 *x = certificate(key, i + 1);

		assert_int_equal(X509_digest(x, EVP_sha384(), want[i], &len), 1);
		assert_int_equal(PEM_write_X509(f, x), 1);
		fputs("a remark between them\n", f);
		X509_free(x);
	}
	fclose(f);
	EVP_PKEY_free(key);
	write_file("p.json", "{\"roots\": [\"ca.pem\", \"" HEX_A "\"]}");
	steer_tsm_policy_init(&p);
	assert_int_equal(steer_tsm_policy_load(in_dir("p.json"), &p, err, sizeof(err)), 0);
	assert_int_equal(p.nb_roots, 3);
	assert_memory_equal(p.roots[0], want[0], sizeof(want[0]));
	assert_memory_equal(p.roots[1], want[1], sizeof(want[1]));
	assert_int_equal(p.roots[2][0], 0xa5);
}

static void
load_rejects(const char *name, int rc, const char *why)
{
	struct steer_tsm_policy p, before;

	steer_tsm_policy_init(&p);
	before = p;
	err[0] = '\0';
	assert_int_equal(steer_tsm_policy_load(in_dir(name), &p, err, sizeof(err)), rc);
	if (strstr(err, why) == NULL)
		fail_msg("'%s' is not in '%s'", why, err);
	assert_memory_equal(err, dir, strlen(dir));
	assert_memory_equal(&p, &before, sizeof(p));
}

static void
files_that_are_none(void **state)
{
	char *big = calloc(1, (1u << 20) + 2);

	load_rejects("none.json", -ENOENT,
		     "none.json: No such file or directory; tsm-policy= names");
	load_rejects(".", -EINVAL, "not a regular file");
	/* Nobody writes into it: it must not be waited for. */
	assert_int_equal(mkfifo(in_dir("fifo.json"), 0600), 0);
	load_rejects("fifo.json", -EINVAL, "not a regular file");
	memset(big, ' ', (1u << 20) + 1);
	write_file("big.json", big);
	load_rejects("big.json", -EFBIG, "File too large");
	big[1u << 20] = '\0';
	memcpy(big, "{}", 2);
	write_file("large.json", big);
	assert_int_equal(steer_tsm_policy_load(in_dir("large.json"), &(struct steer_tsm_policy){0},
					       err, sizeof(err)),
			 0);
	free(big);
	write_file("empty.json", "");
	load_rejects("empty.json", -EINVAL, "empty.json: JSON: line 1: '[' or '{' expected");
	write_file("p.json", "{\"roots\": [\"none.pem\"]}");
	load_rejects("p.json", -ENOENT, "none.pem: No such file or directory");
	write_file("none.pem", "no certificate\n");
	load_rejects("p.json", -EINVAL, "none.pem: not PEM certificates throughout");
	write_file("none.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
	load_rejects("p.json", -EINVAL, "none.pem: not PEM certificates throughout");
}

static void
a_long_text_is_too_big(void **state)
{
	struct steer_tsm_policy p;

	steer_tsm_policy_init(&p);
	assert_int_equal(steer_tsm_policy_parse("{}", (1u << 20) + 1, NULL, &p, err, sizeof(err)),
			 -EFBIG);
}

/* ---- can it be met? ---- */

static void
check(const char *text, enum steer_tsm_mode mode, const char *why)
{
	struct steer_tsm_policy p;
	int rc;

	accepts(text, &p);
	p.mode = mode;
	err[0] = '\0';
	rc = steer_tsm_policy_check(&p, err, sizeof(err));
	assert_int_equal(rc, why[0] == '\0' ? 0 : -EINVAL);
	if (strstr(err, why) == NULL)
		fail_msg("%s: '%s' is not in '%s'", text, why, err);
}

#define ROOT "\"roots\": [\"" HEX_A "\"], "
#define ALL  ROOT "\"other-measurements\": \"allow\""

static void
policies_that_nothing_can_meet(void **state)
{
	check("{}", STEER_TSM_OFF, "");
	check("{}", STEER_TSM_PREFER, "roots: none is given");
	check("{" ROOT "\"role\": \"user\"}", STEER_TSM_REQUIRE, "measurements: none is given");
	check("{" ALL "}", STEER_TSM_REQUIRE, "");
	check("{" ROOT "\"measurements\": [{\"index\": 1, \"digest\": \"" HEX_A "\"}]}",
	      STEER_TSM_REQUIRE, "");
	check("{\"role\": \"host\"}", STEER_TSM_REQUIRE, "role: host has no evidence");
	check("{\"role\": \"host\"}", STEER_TSM_PREFER, "");
	check("{\"role\": \"host\", \"evidence\": \"host-admin\"}", STEER_TSM_REQUIRE, "");
	check("{\"evidence\": \"host-admin\"}", STEER_TSM_REQUIRE, "");
	check("{\"role\": \"user\", \"evidence\": \"host-admin\"}", STEER_TSM_REQUIRE, "roots: ");
	check("{" ALL ", \"role\": \"vmm\"}", STEER_TSM_REQUIRE, "abi: role vmm wants a profile");
	check("{" ALL ", \"role\": \"vmm\", \"abi\": \"sim\"}", STEER_TSM_REQUIRE, "abi: role vmm");
	check("{" ALL ", \"role\": \"vmm\", \"abi\": \"v5\"}", STEER_TSM_REQUIRE, "arch: role vmm");
	check("{" ALL ", \"role\": \"vmm\", \"abi\": \"v6\", \"arch\": \"cca\"}", STEER_TSM_REQUIRE,
	      "abi: v6 carries no evidence");
	check("{" ALL ", \"role\": \"vmm\", \"abi\": \"v7-int\", \"arch\": \"cca\"}",
	      STEER_TSM_REQUIRE, "");
	check("{" ALL ", \"role\": \"user\", \"abi\": \"v5\"}", STEER_TSM_REQUIRE,
	      "abi: role user");
	check("{" ALL ", \"role\": \"user\", \"abi\": \"sim\"}", STEER_TSM_REQUIRE, "");
	check("{" ALL ", \"report\": {\"required\": [\"ats\"], \"forbidden\": [\"ats\"]}}",
	      STEER_TSM_REQUIRE, "report: a flag is both");
	check("{" ROOT "\"measurements\": [{\"index\": 240, \"digest\": \"" HEX_A "\"}]}",
	      STEER_TSM_REQUIRE, "measurements: index 240 is reserved");
	check("{" ROOT "\"measurements\": [{\"index\": 253, \"digest\": \"" HEX_A "\"}]}",
	      STEER_TSM_REQUIRE, "");
	check("{" ALL ", \"role\": \"vmm\", \"abi\": \"v7-int\", \"arch\": \"sev\"}",
	      STEER_TSM_REQUIRE, "abi: v7-int's number for SEV's DMA is only inferred");
	check("{" ALL ", \"nonce-bytes\": 33}", STEER_TSM_PREFER, "nonce-bytes: SPDM 1.2 signs 32");
	check("{\"role\": \"host\", \"nonce-bytes\": 64}", STEER_TSM_PREFER, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_verify_nothing_yet),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(words_have_their_values),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(names_of_a_tsm_are_no_paths),
		cmocka_unit_test(lists_have_an_end),
		cmocka_unit_test(a_second_file_replaces_what_it_names),
		cmocka_unit_test(text_of_a_policy_is_its_file),
		cmocka_unit_test(errors_fit_any_buffer),
		cmocka_unit_test_setup_teardown(roots_may_be_files_of_certificates, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(files_that_are_none, make_dir, remove_dir),
		cmocka_unit_test(a_long_text_is_too_big),
		cmocka_unit_test(policies_that_nothing_can_meet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
