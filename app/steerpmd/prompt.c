/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmdline_rdline.h>

#include "commands.h"
#include "events.h"
#include "forward.h"
#include "prompt.h"

#define PROMPT   "steerpmd> "
#define LINE_LEN 600 /* librte_cmdline's are 512 at most */

static int
put_char(struct rdline *rdl, char c)
{
	return putchar(c);
}

static void
run_line(struct rdline *rdl, const char *buf, unsigned int size)
{
	char line[LINE_LEN];

	snprintf(line, sizeof(line), "%s", buf);
	if (line[strspn(line, " \r\n\t")] != '\0')
		rdline_add_history(rdl, line);
	command_run(rdline_get_opaque(rdl), line);
}

/* The next command, from *i on, that the line can become by a word that none before it offers. */
static bool
candidate(const char *line, int *i, char *word, size_t len)
{
	char before[64];
	bool seen;

	for (; commands[*i].pattern != NULL; (*i)++) {
		if (!command_complete(commands[*i].pattern, line, word, len))
			continue;
		seen = false;
		for (int j = 0; j < *i && !seen; j++)
			seen = command_complete(commands[j].pattern, line, before,
						sizeof(before)) &&
			       strcmp(before, word) == 0;
		if (!seen)
			return true;
	}
	return false;
}

/* *state is 0 for the tab key and -1 for help at first, then what we made it. */
static int
complete(struct rdline *rdl, const char *line, char *buf, unsigned int len, int *state)
{
	const char *last = strrchr(line, ' ');
	size_t typed = strlen(last == NULL ? line : last + 1);
	char word[64], other[64];
	int i = *state < 0 ? 0 : *state, next;

	if (!candidate(line, &i, word, sizeof(word)))
		return 0;
	next = i + 1;
	if (*state == 0 && word[0] != '<' && !candidate(line, &next, other, sizeof(other))) {
		snprintf(buf, len, "%s ", word + typed);
		return RDLINE_RES_COMPLETE;
	}
	snprintf(buf, len, "%s", word);
	*state = i + 1;
	return 1;
}

/* @return false: leave. */
static bool
input(struct app *app, struct rdline *rdl)
{
	char buf[256];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n <= 0)
		return n < 0 && (errno == EINTR || errno == EAGAIN);
	for (ssize_t i = 0; i < n && !app->quit; i++) {
		int rc = rdline_char_in(rdl, buf[i]);

		if (rc == RDLINE_RES_VALIDATED && !app->quit)
			rdline_newline(rdl, PROMPT);
		if (rc == RDLINE_RES_EOF || rc == RDLINE_RES_EXITED)
			return false;
	}
	fflush(stdout);
	return !app->quit;
}

static void
loop(struct app *app, struct rdline *rdl, bool tty)
{
	unsigned int events;

	for (;;) {
		fflush(stdout);
		events = events_wait(-1, true);
		if (events & EVENT_QUIT)
			return;
		if ((events & EVENT_REMOVED) && forward_handle_removed(app) != 0 && tty)
			rdline_redisplay(rdl);
		if ((events & EVENT_INPUT) && !input(app, rdl))
			return;
	}
}

enum pmd_exit
prompt_run(struct app *app)
{
	struct termios saved, raw;
	bool tty = tcgetattr(STDIN_FILENO, &saved) == 0;
	struct rdline *rdl = rdline_new(put_char, run_line, complete, app);

	if (rdl == NULL) {
		complain("prompt: out of memory");
		return PMD_EXIT_FAILURE;
	}
	if (tty) {
		raw = saved;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	rdline_newline(rdl, PROMPT);
	loop(app, rdl, tty);
	putchar('\n');
	if (tty)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	rdline_free(rdl);
	return PMD_EXIT_OK;
}
