/* SPDX-License-Identifier: BSD-3-Clause */

/* For cppcheck, which gets no system headers: what it must know of their macros to parse. */
#define PRIu64                      "lu"
#define PRIx64                      "lx"
#define RTE_FMT(...)                ""
#define RTE_LCORE_FOREACH_WORKER(i) for (i = 0; i < 128; i++)
#define RTE_ETH_FOREACH_DEV(p)      for (p = 0; p < 32; p++)
#define RTE_TRACE_POINT(...)
#define RTE_TRACE_POINT_REGISTER(...)
#define TAILQ_HEAD(name, type)     struct name
#define RTE_TAILQ_HEAD(name, type) struct name
#define TAILQ_HEAD_INITIALIZER(var)                                                                \
	{                                                                                          \
		0                                                                                  \
	}
#define json_object_foreach(object, key, value)                                                    \
	for ((key) = NULL, (value) = (object); (key) != NULL;)
