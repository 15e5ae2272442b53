/* SPDX-License-Identifier: BSD-3-Clause */

/* DPDK's telemetry library without a socket: answers are counted and forgotten. */

#include <stdlib.h>

#include "fake_tel.h"

static unsigned int values;

unsigned int
fake_tel_values(void)
{
	return __atomic_load_n(&values, __ATOMIC_RELAXED);
}

static int
count(void)
{
	__atomic_fetch_add(&values, 1, __ATOMIC_RELAXED);
	return 0;
}

struct rte_tel_data *
rte_tel_data_alloc(void)
{
	return malloc(1);
}

void
rte_tel_data_free(struct rte_tel_data *data)
{
	free(data);
}

int
rte_tel_data_start_array(struct rte_tel_data *d, enum rte_tel_value_type type)
{
	return 0;
}

int
rte_tel_data_start_dict(struct rte_tel_data *d)
{
	return 0;
}

int
rte_tel_data_add_array_string(struct rte_tel_data *d, const char *str)
{
	return count();
}

int
rte_tel_data_add_array_int(struct rte_tel_data *d, int x)
{
	return count();
}

int
rte_tel_data_add_array_u64(struct rte_tel_data *d, uint64_t x)
{
	return count();
}

int
rte_tel_data_add_dict_string(struct rte_tel_data *d, const char *name, const char *val)
{
	return count();
}

int
rte_tel_data_add_dict_int(struct rte_tel_data *d, const char *name, int val)
{
	return count();
}

int
rte_tel_data_add_dict_u64(struct rte_tel_data *d, const char *name, uint64_t val)
{
	return count();
}

int
rte_tel_data_add_dict_container(struct rte_tel_data *d, const char *name, struct rte_tel_data *val,
				int keep)
{
	free(val);
	return count();
}
