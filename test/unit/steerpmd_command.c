/* SPDX-License-Identifier: BSD-3-Clause */

/* How a line at the prompt finds its command. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "commands.h"

static int ran;
static char got[64];

static void
run_move(struct app *app, char **args)
{
	ran = 1;
	snprintf(got, sizeof(got), "%s/%s/%s", args[0], args[1], args[2]);
}

static void
run_start(struct app *app, char **args)
{
	ran = 2;
}

static void
run_first(struct app *app, char **args)
{
	ran = 3;
	snprintf(got, sizeof(got), "%s", args[0]);
}

/* In the place of the program's table. */
const struct command commands[] = {
	{"start", "", run_start},
	{"start tx_first <n>", "", run_first},
	{"set port <port> rxq <queue> lcore <lcore>", "", run_move},
	{NULL},
};

static int
run(const char *text)
{
	char line[128];

	snprintf(line, sizeof(line), "%s", text);
	ran = 0;
	got[0] = '\0';
	command_run(NULL, line);
	return ran;
}

static void
words_of_a_line(void **state)
{
	char line[] = "  set \t fwd   mac\r\n", *words[COMMAND_WORDS];
	char many[] = "1 2 3 4 5 6 7 8 9 10 11 12 13", none[] = " \n";

	assert_int_equal(command_split(line, words), 3);
	assert_string_equal(words[0], "set");
	assert_string_equal(words[2], "mac");
	assert_int_equal(command_split(many, words), COMMAND_WORDS + 1);
	assert_int_equal(command_split(none, words), 0);
}

static void
whole_words_only(void **state)
{
	assert_int_equal(run("start"), 2);
	assert_int_equal(run("star"), 0);
	assert_int_equal(run("start now"), 0);
	assert_int_equal(run("start tx_first"), 0);
	assert_int_equal(run("start tx_first 4"), 3);
	assert_string_equal(got, "4");
	assert_int_equal(run(""), 0);
}

static void
arguments(void **state)
{
	assert_int_equal(run("set port 0 rxq 3 lcore 2\n"), 1);
	assert_string_equal(got, "0/3/2");
	assert_int_equal(run("set port 0 rxq 3 lcore"), 0);
	assert_int_equal(run("1 2 3 4 5 6 7 8 9 10 11 12 13"), 0);
}

static void
completion(void **state)
{
	const char *pattern = "set port <port> rxq <queue>";
	char word[16];

	assert_true(command_complete(pattern, "", word, sizeof(word)));
	assert_string_equal(word, "set");
	assert_true(command_complete(pattern, "set po", word, sizeof(word)));
	assert_string_equal(word, "port");
	assert_true(command_complete(pattern, "set port 0 ", word, sizeof(word)));
	assert_string_equal(word, "rxq");
	assert_true(command_complete(pattern, "set port ", word, sizeof(word)));
	assert_string_equal(word, "<port>");
	assert_false(command_complete(pattern, "show ", word, sizeof(word)));
	assert_false(command_complete(pattern, "set port 0 rxq 1 ", word, sizeof(word)));
	assert_false(command_complete(pattern, "sets", word, sizeof(word)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_a_line),
		cmocka_unit_test(whole_words_only),
		cmocka_unit_test(arguments),
		cmocka_unit_test(completion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
