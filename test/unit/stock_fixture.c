/* SPDX-License-Identifier: BSD-3-Clause */

#include "stock_fixture.h"

struct steer_port *st_port;

void
st_world(uint32_t cap, uint16_t vendor, uint16_t dev)
{
	device(cap);
	fe_port(vendor, dev);
	fx_lcores_none();
	fx_lcore(0, 2);
	fx_lcore(1, 5);
	st_port = NULL;
}

int
st_attach(uint32_t flags)
{
	const struct steer_stock_conf conf = {
		.scan_us = STOCK_NEVER, .check_us = 1, .flags = flags};

	return steer_stock_attach(FE_PORT, &conf, &st_port);
}

struct steer_port_info
st_pinfo(void)
{
	struct steer_port_info info;

	assert_int_equal(steer_port_info_get(FE_PORT, &info), 0);
	return info;
}

struct steer_queue_info
st_qinfo(enum steer_dir dir, uint16_t q)
{
	struct steer_queue_info info;

	assert_int_equal(steer_queue_info_get(FE_PORT, dir, q, &info), 0);
	return info;
}

void
st_polled(enum steer_dir dir, uint16_t q, uint32_t lcore)
{
	uint32_t *word = steer_port_queue_word(st_port, dir, q);

	assert_non_null(word);
	__atomic_store_n(word, lcore, __ATOMIC_RELAXED);
}

void
st_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, text);
	assert_null(strchr(text, '\n'));
}

static const int one_each[] = {1, 2, 3};

void
st_vectors_up(uint32_t cap)
{
	st_world(cap, 0x1af4, 0x1041);
	fe_configure(3, 2, 1);
	fe_vectors(3, one_each, 3);
	fe_start();
	assert_int_equal(st_attach(0), 0);
	st_polled(STEER_RX, 0, 0);
	st_polled(STEER_RX, 1, 1);
	st_polled(STEER_TX, 0, 0);
	steer_scan();
}

void
st_registers_up(uint32_t flags)
{
	st_world(DS_TABLE, 0x8086, 0x1521);
	k.small_tags = flags == 0;
	fe.bar[RXCTL] = fe.bar[RXCTL + QUEUE] = 0xa200;
	fe.bar[TXCTL] = fe.bar[TXCTL + QUEUE] = 0x2a00;
	fe_configure(2, 2, 0);
	fe_start();
	assert_int_equal(st_attach(flags), 0);
	st_polled(STEER_RX, 0, 0);
	st_polled(STEER_RX, 1, 1);
	st_polled(STEER_TX, 1, 1);
	steer_scan();
}

void
st_unsteerable(const char *why)
{
	struct steer_port_info info;

	fe_configure(2, 2, 0);
	fe_start();
	assert_int_equal(st_attach(0), 0);
	info = st_pinfo();
	assert_int_equal(info.strategy, STEER_STRATEGY_NONE);
	assert_int_equal(info.nb_rxq, 2);
	st_has(info.why, "unsupported: ");
	st_has(info.why, why);
	st_has(st_qinfo(STEER_TX, 1).why, why);
	assert_int_equal(steer_queue_bind_cpu(FE_PORT, STEER_RX, 0, 2, 0), -ENOTSUP);
	assert_int_equal(steer_stock_sync(FE_PORT), 0);
	assert_int_equal(steer_stock_detach(FE_PORT), 0);
	assert_int_equal(k.ctrl_writes, 0);
	assert_int_equal(k.sets, 0);
}
