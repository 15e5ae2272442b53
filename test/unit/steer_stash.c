/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The calls in the shape of the ethdev proposal. The cases that start with "defect" are mistakes of
 * the published code that ours must not have; doc/guides/api.rst lists them.
 */

#include <errno.h>
#include <string.h>

#include <steer_stash.h>

#include "steer_fixture.h"

#define OP(name) STEER_ETH_CACHE_STASH_OP_##name

static int
dev_enable(uint32_t type)
{
	const struct steer_eth_cache_stash_config config = {.dev.type = type};

	return steer_eth_cache_stash_set(PORT, OP(DEV_ENABLE), &config);
}

static int
dev_disable(void)
{
	return steer_eth_cache_stash_set(PORT, OP(DEV_DISABLE), NULL);
}

static int
queue_enable(uint32_t lcore, uint32_t queue, uint64_t objects)
{
	const struct steer_eth_cache_stash_config config = {
		.queue = {.lcore_id = lcore, .queue_id = queue, .objects = objects}};

	return steer_eth_cache_stash_set(PORT, OP(QUEUE_ENABLE), &config);
}

static int
queue_disable(uint32_t queue, uint64_t objects)
{
	const struct steer_eth_cache_stash_config config = {
		.queue = {.queue_id = queue, .objects = objects}};

	return steer_eth_cache_stash_set(PORT, OP(QUEUE_DISABLE), &config);
}

/* A device with registers that tells objects apart; running, TPH on, no queue tagged. */
static struct steer_port *
ready(uint16_t rxq, uint16_t txq)
{
	struct steer_port_conf conf = fx_ds_world(STEER_MODE_AUTO);
	struct steer_port *port;

	conf.objects_apart = 1;
	port = fx_up(&conf);
	fx_conf_run(port, rxq, txq);
	assert_int_equal(dev_enable(STEER_ETH_CACHE_STASH_TYPE_TPH), 0);
	return port;
}

static void
capability(void **state)
{
	struct steer_eth_cache_stash_capability capa = {0};
	struct steer_port_conf conf = fx_ds_world(STEER_MODE_AUTO);
	struct steer_port *port;

	conf.objects = STEER_OBJ_RX;
	port = fx_up(&conf);
	assert_int_equal(steer_eth_cache_stash_get(PORT, &capa), 0);
	assert_int_equal(capa.supported_types, 1);
	assert_int_equal(capa.supported_objects, 0x15);
	assert_int_equal(steer_eth_cache_stash_get(PORT, NULL), -EINVAL);
	assert_int_equal(steer_eth_cache_stash_get(PORT + 1, &capa), -ENODEV);
	assert_int_equal(steer_eth_cache_stash_get(PORT + 1, NULL), -ENODEV);
	steer_port_unregister(port);
	tph0.usable = -ENOTSUP;
	port = fx_up(&conf);
	assert_int_equal(steer_eth_cache_stash_get(PORT, &capa), -ENOTSUP);
	assert_int_equal(dev_enable(STEER_ETH_CACHE_STASH_TYPE_TPH), -ENOTSUP);
	assert_int_equal(queue_enable(0, 0, 0), -ENOTSUP);
	assert_int_equal(queue_disable(0, 0), -ENOTSUP);
	steer_port_unregister(port);
}

static void
life_of_a_queue(void **state)
{
	struct steer_port *port = ready(2, 2);

	fx_polled(port, STEER_RX, 0, 0);
	assert_int_equal(steer_scan(), 0); /* nobody follows now */
	assert_int_equal(queue_enable(1, 1, STEER_ETH_CACHE_STASH_OBJ_RX_DESC), 0);
	assert_int_equal(drv0.tag[STEER_RX][1], fx_tag_of(5));
	assert_int_equal(drv0.objects[STEER_RX][1], STEER_OBJ_RX_DESC);
	assert_int_equal(drv0.tag[STEER_TX][1], 0);
	/* Both directions in one call; what was said of Rx is replaced. */
	assert_int_equal(queue_enable(0, 1,
				      STEER_ETH_CACHE_STASH_OBJ_RX_HEADER |
					      STEER_ETH_CACHE_STASH_OBJ_TX_PAYLOAD),
			 0);
	assert_int_equal(drv0.tag[STEER_RX][1], fx_tag_of(2));
	assert_int_equal(drv0.objects[STEER_RX][1], STEER_OBJ_RX_HEADER);
	assert_int_equal(drv0.tag[STEER_TX][1], fx_tag_of(2));
	assert_int_equal(drv0.objects[STEER_TX][1], STEER_OBJ_TX_PAYLOAD);
	/* 0: all there is. */
	assert_int_equal(queue_enable(1, 0, 0), 0);
	assert_int_equal(drv0.objects[STEER_RX][0], STEER_OBJ_RX);
	assert_int_equal(drv0.objects[STEER_TX][0], STEER_OBJ_TX);
	/* Some of them off, then the rest. */
	assert_int_equal(queue_disable(0, STEER_ETH_CACHE_STASH_OBJ_RX_PAYLOAD), 0);
	assert_int_equal(drv0.objects[STEER_RX][0], STEER_OBJ_RX_DESC | STEER_OBJ_RX_HEADER);
	assert_int_equal(drv0.tag[STEER_RX][0], fx_tag_of(5));
	assert_int_equal(drv0.tag[STEER_TX][0], fx_tag_of(5));
	assert_int_equal(queue_disable(0, 0), 0);
	assert_int_equal(drv0.tag[STEER_RX][0], 0);
	assert_int_equal(drv0.tag[STEER_TX][0], 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).mode, STEER_Q_OFF);
	assert_int_equal(queue_disable(0, 0), 0);
	/* What is left holds over a stop. */
	steer_port_stop(port);
	memset(drv0.tag, 0, sizeof(drv0.tag));
	fx_run(port, 2, 2);
	assert_int_equal(drv0.tag[STEER_RX][1], fx_tag_of(2));
	assert_int_equal(drv0.tag[STEER_RX][0], 0);
	assert_int_equal(dev_disable(), 0);
	assert_int_equal(drv0.tag[STEER_RX][1], 0);
	assert_int_equal(fx_pinfo().enabled, 0);
	/* From off to on, no queue is tagged. */
	assert_int_equal(dev_enable(STEER_ETH_CACHE_STASH_TYPE_TPH), 0);
	assert_int_equal(drv0.tag[STEER_RX][1], 0);
	steer_port_unregister(port);
}

/* More Rx queues than Tx queues: "all" is what is there. */
static void
queue_of_one_direction(void **state)
{
	struct steer_port *port = ready(2, 1);

	assert_int_equal(queue_enable(1, 1, 0), 0);
	assert_int_equal(drv0.tag[STEER_RX][1], fx_tag_of(5));
	assert_int_equal(drv0.tag[STEER_TX][1], 0);
	assert_int_equal(queue_enable(1, 1, STEER_ETH_CACHE_STASH_OBJ_TX_DESC), -EINVAL);
	steer_port_unregister(port);
}

static void
wrong_arguments(void **state)
{
	struct steer_port *port = ready(1, 1);
	const struct steer_eth_cache_stash_config config = {.dev.type = 1};
	int calls = tph0.calls, writes = drv0.tag_writes;

	assert_int_equal(steer_eth_cache_stash_set(PORT + 1, OP(DEV_ENABLE), &config), -ENODEV);
	assert_int_equal(steer_eth_cache_stash_set(PORT + 1, OP(DEV_DISABLE), NULL), -ENODEV);
	assert_int_equal(steer_eth_cache_stash_set(PORT, OP(DEV_ENABLE), NULL), -EINVAL);
	assert_int_equal(steer_eth_cache_stash_set(PORT, OP(QUEUE_ENABLE), NULL), -EINVAL);
	assert_int_equal(steer_eth_cache_stash_set(PORT, OP(QUEUE_DISABLE), NULL), -EINVAL);
	assert_int_equal(steer_eth_cache_stash_set(PORT, (enum steer_eth_cache_stash_op)4, &config),
			 -EINVAL);
	assert_int_equal(dev_enable(0), -EINVAL);
	assert_int_equal(dev_enable(3), -EINVAL); /* one type at a time */
	assert_int_equal(dev_enable(2), -ENOTSUP);
	assert_int_equal(queue_enable(9, 0, 0), -EINVAL); /* no such lcore */
	assert_int_equal(queue_enable(0, 1, 0), -EINVAL);
	assert_int_equal(queue_enable(0, 0x10000, 0), -EINVAL);
	assert_int_equal(queue_enable(0, 0, 0x40), -EINVAL);
	assert_int_equal(queue_enable(0, 0, UINT64_C(1) << 32), -EINVAL);
	assert_int_equal(queue_disable(1, 0), -EINVAL);
	assert_int_equal(tph0.calls, calls);
	assert_int_equal(drv0.tag_writes, writes);
	steer_port_unregister(port);
}

static void
queue_before_its_device(void **state)
{
	struct steer_port *port = ready(1, 1);

	assert_int_equal(dev_disable(), 0);
	assert_int_equal(queue_enable(1, 0, 0), -EPERM);
	assert_int_equal(queue_disable(0, 0), 0);
	assert_int_equal(dev_enable(STEER_ETH_CACHE_STASH_TYPE_TPH), 0);
	assert_int_equal(drv0.tag[STEER_RX][0], 0);
	steer_port_unregister(port);
}

static void
tx_that_fails_leaves_rx_as_it_was(void **state)
{
	struct steer_port *port = ready(1, 1);

	assert_int_equal(queue_enable(0, 0, STEER_ETH_CACHE_STASH_OBJ_RX_DESC), 0);
	drv0.tag_set = (struct fake_fault){.rc = -EIO, .after = 1, .once = true};
	assert_int_equal(queue_enable(1, 0, 0), -EIO);
	assert_int_equal(drv0.tag[STEER_RX][0], fx_tag_of(2));
	assert_int_equal(drv0.objects[STEER_RX][0], STEER_OBJ_RX_DESC);
	assert_int_equal(drv0.tag[STEER_TX][0], 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 2);
	assert_int_equal(fx_qinfo(STEER_TX, 0).mode, STEER_Q_OFF);
	assert_int_equal(queue_enable(1, 0, 0), 0);
	assert_int_equal(drv0.tag[STEER_TX][0], fx_tag_of(5));
	steer_port_unregister(port);
}

static void
device_that_cannot_tell_objects_apart(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	assert_int_equal(dev_enable(STEER_ETH_CACHE_STASH_TYPE_TPH), 0);
	assert_int_equal(queue_enable(1, 0, STEER_ETH_CACHE_STASH_OBJ_RX_DESC), -ENOTSUP);
	assert_int_equal(queue_enable(1, 0, STEER_OBJ_RX | STEER_OBJ_TX_DESC), -ENOTSUP);
	assert_int_equal(tph0.cpus[1], STEER_CPU_NONE);
	assert_int_equal(queue_enable(1, 0, STEER_OBJ_RX), 0);
	assert_int_equal(tph0.cpus[1], 5);
	assert_int_equal(tph0.cpus[2], STEER_CPU_NONE);
	assert_int_equal(queue_disable(0, STEER_ETH_CACHE_STASH_OBJ_RX_DESC), -ENOTSUP);
	assert_int_equal(tph0.cpus[1], 5);
	assert_int_equal(queue_disable(0, STEER_OBJ_RX), 0);
	assert_int_equal(tph0.cpus[1], STEER_CPU_NONE);
	steer_port_unregister(port);
}

/* 3: the lcore's number is not that of its CPU. */
static void
defect_lcore_is_not_a_cpu(void **state)
{
	struct steer_port *port = ready(1, 1);

	assert_int_equal(queue_enable(0, 0, 0), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 2);
	assert_int_equal(drv0.tag[STEER_RX][0], fx_tag_of(2));
	fx_lcore(5, 9);
	CPU_SET(10, &fx_lcore_set[5]);
	assert_int_equal(queue_enable(5, 0, 0), -EINVAL);
	steer_port_unregister(port);
}

/* 4: with a table, nobody asks for the tag of device-specific mode. */
static void
defect_tag_query_in_vector_mode(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port;

	tph0.info.cap.modes |= 1 << STEER_PCI_TPH_MODE_DS;
	tph0.cpu_tag.rc = -ENOTSUP;
	port = fx_up(&conf);
	fx_conf_run(port, 1, 1);
	assert_int_equal(dev_enable(STEER_ETH_CACHE_STASH_TYPE_TPH), 0);
	assert_int_equal(queue_enable(1, 0, 0), 0);
	assert_int_equal(tph0.cpu_tags, 0);
	assert_int_equal(drv0.tag_writes, 0);
	assert_int_equal(tph0.info.mode, STEER_PCI_TPH_MODE_IV);
	assert_int_equal(fx_qinfo(STEER_TX, 0).tag, fx_tag_of(5));
	steer_port_unregister(port);
}

/* 5: the new tag replaces the old one whole; Tx queues are programmed, not only claimed. */
static void
defect_tag_over_tag(void **state)
{
	struct steer_port *port = ready(1, 1);

	assert_int_equal(queue_enable(1, 0, 0), 0);
	assert_int_equal(queue_enable(0, 0, 0), 0);
	assert_int_not_equal(fx_tag_of(2) | fx_tag_of(5), fx_tag_of(2));
	assert_int_equal(drv0.tag[STEER_RX][0], fx_tag_of(2));
	assert_int_equal(drv0.tag[STEER_TX][0], fx_tag_of(2));
	steer_port_unregister(port);
}

/* 5: the palette is refused half-way, and TPH is off again. */
static void
defect_half_enabled(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PALETTE);
	struct steer_port *port = fx_up(&conf);

	fx_conf_run(port, 1, 1);
	assert_int_equal(dev_disable(), 0);
	tph0.set.rc = -EACCES;
	assert_int_equal(dev_enable(STEER_ETH_CACHE_STASH_TYPE_TPH), -EACCES);
	assert_int_equal(tph0.info.req, STEER_PCI_TPH_REQ_OFF);
	assert_int_equal(fx_pinfo().enabled, 0);
	steer_port_unregister(port);
}

/* 5: what is off is not turned off. */
static void
defect_disable_of_what_is_off(void **state)
{
	struct steer_port *port = ready(1, 1);
	int calls;

	assert_int_equal(dev_disable(), 0);
	calls = tph0.calls;
	assert_int_equal(dev_disable(), 0);
	assert_int_equal(tph0.calls, calls);
	steer_port_unregister(port);
}

/* 6: CPU 100 has a tag of more than 8 bits. */
static void
defect_wide_tag(void **state)
{
	struct steer_port *port;

	assert_true(fx_tag_of(100) > 0xff);
	port = ready(1, 1);
	fx_lcore(3, 100);
	assert_int_equal(queue_enable(3, 0, 0), 0);
	assert_int_equal(drv0.tag[STEER_RX][0], fx_tag_of(100));
	assert_int_equal(fx_qinfo(STEER_TX, 0).tag, fx_tag_of(100));
	steer_port_unregister(port);
}

/* 7: the errno of below comes out, whoever refuses. */
static void
defect_lost_errno(void **state)
{
	struct steer_port *port = ready(1, 1);

	tph0.cpu_tag.rc = -ENODATA;
	assert_int_equal(queue_enable(1, 0, 0), -ENODATA);
	tph0.cpu_tag.rc = 0;
	drv0.tag_set.rc = -ERANGE;
	assert_int_equal(queue_enable(1, 0, 0), -ERANGE);
	assert_int_equal(dev_disable(), 0);
	assert_int_equal(dev_enable(STEER_ETH_CACHE_STASH_TYPE_TPH), -ERANGE);
	drv0.tag_set.rc = 0;
	tph0.enable.rc = -EIO;
	assert_int_equal(dev_enable(STEER_ETH_CACHE_STASH_TYPE_TPH), -EIO);
	steer_port_unregister(port);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capability),
		cmocka_unit_test(life_of_a_queue),
		cmocka_unit_test(queue_of_one_direction),
		cmocka_unit_test(wrong_arguments),
		cmocka_unit_test(queue_before_its_device),
		cmocka_unit_test(tx_that_fails_leaves_rx_as_it_was),
		cmocka_unit_test(device_that_cannot_tell_objects_apart),
		cmocka_unit_test(defect_lcore_is_not_a_cpu),
		cmocka_unit_test(defect_tag_query_in_vector_mode),
		cmocka_unit_test(defect_tag_over_tag),
		cmocka_unit_test(defect_half_enabled),
		cmocka_unit_test(defect_disable_of_what_is_off),
		cmocka_unit_test(defect_wide_tag),
		cmocka_unit_test(defect_lost_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
