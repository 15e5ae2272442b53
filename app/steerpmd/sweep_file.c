/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "sweep_file.h"

#define LINE_FORM (JSON_COMPACT | JSON_REAL_PRECISION(9))

static int
fail(int rc, char *why, size_t len, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, len, fmt, ap);
	va_end(ap);
	return rc;
}

void
sweep_fingerprint(const json_t *o, char out[17])
{
	char *text = json_dumps(o, LINE_FORM | JSON_SORT_KEYS);
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (const char *p = text; p != NULL && *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
	snprintf(out, 17, "%016" PRIx64, hash);
	free(text);
}

/* A point is known by its text, in the order of its axes. */
static char *
key_of(const json_t *point)
{
	return point == NULL ? NULL : json_dumps(point, JSON_COMPACT);
}

static int
note_result(struct sweep_file *f, const json_t *o)
{
	char *key = key_of(json_object_get(o, "point"));
	int rc;

	if (key == NULL)
		return -EINVAL;
	rc = json_object_set_new(f->points, key, json_true());
	free(key);
	f->elapsed_s += json_number_value(json_object_get(o, "elapsed_s"));
	return rc == 0 ? 0 : -ENOMEM;
}

static int
check_head(const json_t *have, const json_t *want, const char *path, char *why, size_t len)
{
	const char *kind = json_string_value(json_object_get(have, "kind"));

	if (kind == NULL || strcmp(kind, "sweep") != 0)
		return fail(-EINVAL, why, len, "%s: is no file of a sweep; name another", path);
	if (json_integer_value(json_object_get(have, "schema")) !=
	    json_integer_value(json_object_get(want, "schema")))
		return fail(-EEXIST, why, len,
			    "%s: is of schema %" JSON_INTEGER_FORMAT
			    ", this program writes %" JSON_INTEGER_FORMAT "; name another file",
			    path, json_integer_value(json_object_get(have, "schema")),
			    json_integer_value(json_object_get(want, "schema")));
	if (!json_equal(json_object_get(have, "fingerprint"), json_object_get(want, "fingerprint")))
		return fail(-EEXIST, why, len,
			    "%s: is of another sweep: other axes or another configuration; name "
			    "another file, or remove it",
			    path);
	return 0;
}

/* One complete line. */
static int
read_line(struct sweep_file *f, const char *line, size_t n, unsigned int number, const char *path,
	  const json_t *head, char *why, size_t len)
{
	json_t *o = json_loadb(line, n, 0, NULL);
	int rc;

	if (o == NULL)
		return fail(-EINVAL, why, len, "%s: line %u is no JSON; name another file", path,
			    number);
	rc = number == 1 ? check_head(o, head, path, why, len) : note_result(f, o);
	if (rc != 0 && number != 1)
		fail(rc, why, len, "%s: line %u has no point; name another file", path, number);
	json_decref(o);
	return rc;
}

/* Everything that is there; what was cut in half by a sudden end is cut off. */
static int
read_all(struct sweep_file *f, const char *path, const json_t *head, char *why, size_t len)
{
	FILE *in = fdopen(dup(f->fd), "r");
	unsigned int number = 0;
	off_t good = 0;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int rc = 0;

	if (in == NULL)
		return fail(-errno, why, len, "%s: %s", path, strerror(errno));
	while (rc == 0 && (n = getline(&line, &room, in)) > 0) {
		if (line[n - 1] != '\n') {
			f->cut = true;
			break;
		}
		rc = read_line(f, line, (size_t)n, ++number, path, head, why, len);
		good += n;
	}
	free(line);
	fclose(in);
	if (rc == 0 && f->cut && ftruncate(f->fd, good) != 0)
		rc = fail(-errno, why, len, "%s: %s", path, strerror(errno));
	f->nb_points = json_object_size(f->points);
	if (rc != 0 || number != 0)
		return rc;
	rc = sweep_file_append(f, head);
	return rc == 0 ? 0 : fail(rc, why, len, "%s: %s", path, strerror(-rc));
}

int
sweep_file_open(struct sweep_file *f, const char *path, const json_t *head, char *why, size_t len)
{
	int rc;

	*f = (struct sweep_file){.points = json_object()};
	f->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (f->fd < 0) {
		rc = fail(-errno, why, len, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (flock(f->fd, LOCK_EX | LOCK_NB) != 0) {
		rc = fail(-EBUSY, why, len, "%s: another program is writing it", path);
		goto out;
	}
	rc = read_all(f, path, head, why, len);
out:
	if (rc != 0)
		sweep_file_close(f);
	return rc;
}

void
sweep_file_close(struct sweep_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	json_decref(f->points);
	*f = (struct sweep_file){.fd = -1};
}

bool
sweep_file_has(const struct sweep_file *f, const json_t *point)
{
	char *key = key_of(point);
	bool has = key != NULL && json_object_get(f->points, key) != NULL;

	free(key);
	return has;
}

int
sweep_file_append(struct sweep_file *f, const json_t *object)
{
	char *text = json_dumps(object, LINE_FORM);
	size_t n, done = 0;
	ssize_t w = 0;

	if (text == NULL)
		return -ENOMEM;
	n = strlen(text);
	text[n++] = '\n'; /* in place of its end */
	while (done < n && (w = write(f->fd, text + done, n - done)) > 0)
		done += (size_t)w;
	free(text);
	if (done < n)
		return w == 0 ? -EIO : -errno;
	/* not every file can be synchronised, and none needs to be for the program to go on */
	fdatasync(f->fd);
	return 0;
}

json_t *
sweep_file_results(const char *path)
{
	FILE *in = fopen(path, "re");
	json_t *list = json_array(), *o;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while (in != NULL && (n = getline(&line, &room, in)) > 0) {
		o = json_loadb(line, (size_t)n, 0, NULL);
		if (json_object_get(o, "point") != NULL)
			json_array_append(list, o);
		json_decref(o);
	}
	free(line);
	if (in != NULL)
		fclose(in);
	return list;
}
