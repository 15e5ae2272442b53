/* SPDX-License-Identifier: BSD-3-Clause */

#include <string.h>

#include "commands.h"

unsigned int
command_split(char *line, char *words[COMMAND_WORDS])
{
	static const char blanks[] = " \t\r\n";
	unsigned int n = 0;
	char *save = NULL;

	for (char *w = strtok_r(line, blanks, &save); w != NULL;
	     w = strtok_r(NULL, blanks, &save)) {
		if (n == COMMAND_WORDS)
			return COMMAND_WORDS + 1;
		words[n++] = w;
	}
	return n;
}

static bool
word_fits(const char *pattern, size_t len, const char *word)
{
	return pattern[0] == '<' || (strlen(word) == len && memcmp(pattern, word, len) == 0);
}

bool
command_match(const char *pattern, char **words, unsigned int n, char *args[COMMAND_WORDS])
{
	unsigned int i = 0, nargs = 0;

	while (*pattern != '\0') {
		size_t len = strcspn(pattern, " ");

		if (i == n || !word_fits(pattern, len, words[i]))
			return false;
		if (pattern[0] == '<')
			args[nargs++] = words[i];
		i++;
		pattern += len;
		pattern += strspn(pattern, " ");
	}
	return i == n;
}

bool
command_complete(const char *pattern, const char *line, char *buf, size_t len)
{
	size_t typed, word;

	for (;;) {
		line += strspn(line, " ");
		typed = strcspn(line, " ");
		word = strcspn(pattern, " ");
		if (word == 0)
			return false;
		if (line[typed] == '\0')
			break;
		if (pattern[0] != '<' && (typed != word || memcmp(pattern, line, word) != 0))
			return false;
		line += typed;
		pattern += word;
		pattern += strspn(pattern, " ");
	}
	if (typed > word || memcmp(pattern, line, typed) != 0 || word >= len)
		return false;
	memcpy(buf, pattern, word);
	buf[word] = '\0';
	return true;
}

/* As much help as the first word gives. */
static void
not_found(const char *verb)
{
	bool any = false;

	for (const struct command *c = commands; c->pattern != NULL; c++) {
		if (!word_fits(c->pattern, strcspn(c->pattern, " "), verb))
			continue;
		printf("%s  %s\n", any ? "" : "Bad arguments; there are:\n", c->pattern);
		any = true;
	}
	if (!any)
		printf("Command not found ('help' lists them)\n");
}

void
command_run(struct app *app, char *line)
{
	char *words[COMMAND_WORDS], *args[COMMAND_WORDS];
	unsigned int n = command_split(line, words);

	if (n == 0)
		return;
	for (const struct command *c = commands; n <= COMMAND_WORDS && c->pattern != NULL; c++) {
		if (command_match(c->pattern, words, n, args)) {
			c->run(app, args);
			return;
		}
	}
	not_found(words[0]);
}
