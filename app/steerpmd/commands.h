/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The prompt's commands, and how a line finds its command.
 */

#ifndef COMMANDS_H
#define COMMANDS_H

#include "app.h"

#define COMMAND_WORDS 12

struct command {
	const char *pattern; /**< words; <x> stands for any one word and is an argument */
	const char *help;
	void (*run)(struct app *app, char **args);
};

/** Table that ends with a NULL pattern. */
extern const struct command commands[];

/** Split a line in place at blanks. @return number of words, COMMAND_WORDS + 1 when too many. */
unsigned int command_split(char *line, char *words[COMMAND_WORDS]);
/** Do the words fit the pattern? Then args gets those of its <x>. */
bool command_match(const char *pattern, char **words, unsigned int n, char *args[COMMAND_WORDS]);
/**
 * Next word of a pattern after the beginnings that are there already.
 * @param line what has been typed; its last word may be incomplete.
 * @return true and the word in buf when the pattern goes on like that.
 */
bool command_complete(const char *pattern, const char *line, char *buf, size_t len);
/** Find and run; complains about what is no command. */
void command_run(struct app *app, char *line);

#endif /* COMMANDS_H */
