/* SPDX-License-Identifier: BSD-3-Clause */

/* One line for the user: device, step, reason, what to do. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "machine.h"

/* What comes from a device or a file stays on its line. */
static void
one_line(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static void
format(char *line, size_t len, const char *head, const char *fmt, va_list ap)
{
	int n = snprintf(line, len, "%s", head);

	if (n >= 0 && (size_t)n < len)
		vsnprintf(line + n, len - (size_t)n, fmt, ap);
	one_line(line);
}

int
tsm_fail(struct steer_tsm *t, int rc, const char *fmt, ...)
{
	char head[128], line[TSM_LINE];
	va_list ap;

	snprintf(head, sizeof(head), "%s: tsm: %s: ", t->name, t->m->step);
	va_start(ap, fmt);
	format(line, sizeof(line), head, fmt, ap);
	va_end(ap);
	if (t->m->undoing) {
		tsm_log(t, LOG_WARNING, "%s", line + strlen(t->name) + strlen(": tsm: "));
		return rc;
	}
	pthread_mutex_lock(&t->m->lock);
	memcpy(t->m->error, line, sizeof(line));
	t->m->told = true;
	pthread_mutex_unlock(&t->m->lock);
	return rc;
}

void
tsm_log(struct steer_tsm *t, int level, const char *fmt, ...)
{
	char head[96], line[TSM_LINE];
	va_list ap;

	if (t->log == NULL)
		return;
	snprintf(head, sizeof(head), "%s: tsm: ", t->name);
	va_start(ap, fmt);
	format(line, sizeof(line), head, fmt, ap);
	va_end(ap);
	t->log(t->log_arg, level, line);
}

const char *
steer_tsm_error(const struct steer_tsm *tsm)
{
	/* The watch may fail while this is read. */
	static _Thread_local char copy[TSM_LINE];

	pthread_mutex_lock(&tsm->m->lock);
	memcpy(copy, tsm->m->error, sizeof(copy));
	pthread_mutex_unlock(&tsm->m->lock);
	return copy;
}
