/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tags_file.h"

#define FILE_MAX (1u << 20)

static int
cmp_cpu(const void *a, const void *b)
{
	uint32_t x = ((const struct tph_tag *)a)->cpu, y = ((const struct tph_tag *)b)->cpu;

	return (x > y) - (x < y);
}

static int
cmp_cpu_line(const void *a, const void *b)
{
	unsigned int x = ((const struct tph_tag *)a)->line, y = ((const struct tph_tag *)b)->line;
	int c = cmp_cpu(a, b);

	return c != 0 ? c : (x > y) - (x < y);
}

/* One number of digits or 0x and digits, at most max; moves the text behind it. */
static int
number(char **text, unsigned long max, unsigned long *out)
{
	char *end, *s = *text + strspn(*text, " \t");

	if (*s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	*out = strtoul(s, &end, s[0] == '0' && (s[1] | 0x20) == 'x' ? 16 : 10);
	if (errno != 0 || *out > max || strchr(" \t", *end) == NULL)
		return -EINVAL;
	*text = end;
	return 0;
}

/* 1 a tag, 0 nothing on this line, -EINVAL. */
static int
parse_line(char *line, struct tph_tag *tag)
{
	unsigned long cpu, value;
	char *s = line;

	line[strcspn(line, "#\r")] = '\0';
	if (s[strspn(s, " \t")] == '\0')
		return 0;
	if (number(&s, TPH_TAGS_CPU_MAX, &cpu) != 0 || number(&s, UINT16_MAX, &value) != 0 ||
	    value == 0 || s[strspn(s, " \t")] != '\0')
		return -EINVAL;
	*tag = (struct tph_tag){.cpu = (uint32_t)cpu, .tag = (uint16_t)value};
	return 1;
}

static int
add(struct tph_tags *t, const struct tph_tag *tag)
{
	struct tph_tag *tags;

	if ((t->nb & (t->nb - 1)) == 0) {
		tags = realloc(t->tags, (t->nb == 0 ? 1 : 2 * t->nb) * sizeof(*tags));
		if (tags == NULL)
			return -ENOMEM;
		t->tags = tags;
	}
	t->tags[t->nb++] = *tag;
	return 0;
}

static int
one_line(struct tph_tags *t, const char *text, size_t len, unsigned int nr, char *err,
	 size_t errlen)
{
	char line[TPH_TAGS_LINE_MAX + 1];
	struct tph_tag tag = {0};
	int rc;

	if (len >= sizeof(line) || memchr(text, '\0', len) != NULL) {
		snprintf(err, errlen, "line %u: longer than %u characters, or no text", nr,
			 TPH_TAGS_LINE_MAX);
		return -EINVAL;
	}
	memcpy(line, text, len);
	line[len] = '\0';
	rc = parse_line(line, &tag);
	tag.line = nr;
	if (rc < 0)
		snprintf(err, errlen,
			 "line %u: not \"CPU TAG\" (CPU 0 to %u, tag 1 to 65535, decimal or 0x)",
			 nr, TPH_TAGS_CPU_MAX);
	if (rc == 1 && (rc = add(t, &tag)) != 0)
		snprintf(err, errlen, "line %u: out of memory", nr);
	return rc;
}

static int
finish(struct tph_tags *t, char *err, size_t errlen)
{
	size_t i;

	if (t->nb == 0) {
		snprintf(err, errlen, "names no CPU");
		return -EINVAL;
	}
	qsort(t->tags, t->nb, sizeof(*t->tags), cmp_cpu_line);
	for (i = 1; i < t->nb; i++) {
		if (t->tags[i].cpu != t->tags[i - 1].cpu)
			continue;
		snprintf(err, errlen, "line %u: CPU %u is in line %u, too", t->tags[i].line,
			 t->tags[i].cpu, t->tags[i - 1].line);
		return -EINVAL;
	}
	return 0;
}

int
tph_tags_parse(const char *text, size_t len, struct tph_tags *t, char *err, size_t errlen)
{
	const char *end = text + len, *nl;
	unsigned int nr = 1;
	int rc = 0;

	*t = (struct tph_tags){0};
	for (; rc == 0 && text < end; text = nl + 1, nr++) {
		nl = memchr(text, '\n', end - text);
		if (nl == NULL)
			nl = end;
		rc = one_line(t, text, nl - text, nr, err, errlen);
		if (nl == end)
			break;
	}
	if (rc == 0)
		rc = finish(t, err, errlen);
	if (rc != 0)
		tph_tags_free(t);
	return rc;
}

int
tph_tags_load(const char *path, struct tph_tags *t, char *err, size_t errlen)
{
	char *text = malloc(FILE_MAX), reason[160];
	FILE *f = fopen(path, "re");
	size_t len;
	int rc = -errno;

	if (text == NULL || f == NULL) {
		rc = f == NULL ? rc : -ENOMEM;
		snprintf(err, errlen, "%s: %s", path, strerror(-rc));
		goto out;
	}
	len = fread(text, 1, FILE_MAX, f);
	rc = ferror(f) ? -EIO : len == FILE_MAX ? -EFBIG : 0;
	if (rc == 0)
		rc = tph_tags_parse(text, len, t, reason, sizeof(reason));
	else
		snprintf(reason, sizeof(reason), "%s", strerror(-rc));
	if (rc != 0)
		snprintf(err, errlen, "%s: %s", path, reason);
out:
	if (f != NULL)
		fclose(f);
	free(text);
	return rc;
}

void
tph_tags_free(struct tph_tags *t)
{
	free(t->tags);
	*t = (struct tph_tags){0};
}

uint16_t
tph_tags_find(const struct tph_tags *t, uint32_t cpu)
{
	const struct tph_tag key = {.cpu = cpu};
	const struct tph_tag *hit = bsearch(&key, t->tags, t->nb, sizeof(key), cmp_cpu);

	return hit != NULL ? hit->tag : 0;
}
