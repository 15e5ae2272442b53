/* SPDX-License-Identifier: BSD-3-Clause */

/* Accesses to a virtqueue as accesses to rings of another shape; written from the layouts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model_priv.h"

#define SIZE  256u
#define DESC  0x100000u
#define AVAIL 0x200000u
#define USED  0x300000u

static struct model m;
static struct vq rxq = {.index = 0}, txq = {.index = 1};

static int
setup(void **state)
{
	struct vq *const queues[] = {&rxq, &txq};

	m.shape = steer_shape_find("mlx5");
	for (int i = 0; i < 2; i++) {
		queues[i]->live = true;
		queues[i]->packed = false;
		queues[i]->size = SIZE;
		queues[i]->max_size = SIZE;
		queues[i]->desc_iova = DESC;
		queues[i]->avail_iova = AVAIL;
		queues[i]->used_iova = USED;
	}
	return 0;
}

/* @return the access as the shape has it; it must have one. */
static struct model_access
mapped(const struct vq *q, bool cpu, uint8_t op, uint64_t addr, uint32_t len)
{
	struct model_access a = {.addr = addr, .len = len, .op = op, .cpu = cpu};

	assert_int_equal(model_shape(&m, q, &a), SHAPE_MAPPED);
	return a;
}

static enum shape_result
result(const struct vq *q, bool cpu, uint8_t op, uint64_t addr, uint32_t len)
{
	struct model_access a = {.addr = addr, .len = len, .op = op, .cpu = cpu};

	return model_shape(&m, q, &a);
}

#define LOAD  STEER_CACHE_OP_LOAD
#define STORE STEER_CACHE_OP_STORE

static void
descriptors_keep_their_order(void **state)
{
	struct model_access first = mapped(&rxq, true, STORE, DESC, 8), a;

	/* The CPU's store of an address is one of a whole descriptor; the device reads it there. */
	assert_int_equal(first.len, 16);
	a = mapped(&rxq, false, LOAD, DESC, 16);
	assert_int_equal(a.addr, first.addr);
	a = mapped(&rxq, true, STORE, DESC + 16 * 4, 3 * 16 + 8); /* a record of four */
	assert_int_equal(a.addr - first.addr, 64);
	assert_int_equal(a.len, 64);
	a = mapped(&rxq, true, STORE, DESC + 16 * (SIZE - 1), 8);
	assert_int_equal(a.addr - first.addr, 16 * (SIZE - 1));
	assert_int_equal(result(&rxq, true, STORE, DESC + 16 * SIZE, 8), SHAPE_PLAIN);
}

static void
eight_received_packets_share_a_completion(void **state)
{
	struct model_access first = mapped(&rxq, false, STORE, USED + 4, 8), a;

	assert_int_equal(first.len, 64);
	a = mapped(&rxq, true, LOAD, USED + 4 + 8 * 7, 8);
	assert_int_equal(a.addr, first.addr);
	a = mapped(&rxq, false, STORE, USED + 4 + 8 * 7,
		   16); /* the last of one, the first of next */
	assert_int_equal(a.addr, first.addr);
	assert_int_equal(a.len, 128);
	m.shape = steer_shape_find("mlx5-cqe64");
	first = mapped(&rxq, false, STORE, USED + 4, 8);
	a = mapped(&rxq, false, STORE, USED + 4, 8 * 32);
	assert_int_equal(a.addr, first.addr);
	assert_int_equal(a.len, 32 * 64);
}

static void
a_burst_sent_shares_a_completion(void **state)
{
	struct model_access first = mapped(&txq, false, STORE, USED + 4, 8 * 32), a;

	assert_int_equal(first.len, 64);
	a = mapped(&txq, true, LOAD, USED + 4 + 8 * 32, 8);
	assert_int_equal(a.addr - first.addr, 64);
}

static void
indices_are_doorbells_and_flags_are_gone(void **state)
{
	struct model_access ring = mapped(&rxq, true, STORE, AVAIL + 2, 2),
			    done = mapped(&rxq, true, LOAD, USED + 2, 2), a;

	assert_int_equal(ring.op, STORE);
	assert_int_equal(done.op, STORE); /* "so far have I taken" */
	assert_int_not_equal(ring.addr / 64, done.addr / 64);
	a = mapped(&rxq, false, LOAD, AVAIL, 4);
	assert_int_equal(a.addr, ring.addr);
	assert_int_equal(a.op, LOAD);
	assert_int_equal(result(&rxq, true, STORE, AVAIL + 4, 64), SHAPE_GONE);
	assert_int_equal(result(&rxq, false, LOAD, AVAIL + 4, 2), SHAPE_GONE);
	assert_int_equal(result(&rxq, false, STORE, USED + 2, 2), SHAPE_GONE);
	assert_int_equal(result(&rxq, true, LOAD, USED, 2), SHAPE_GONE);
}

static void
packed_rings_are_two(void **state)
{
	struct model_access post, done, a;

	rxq.packed = true;
	post = mapped(&rxq, true, STORE, DESC + 16 * 8, 16);
	done = mapped(&rxq, false, STORE, DESC + 16 * 8, 16);
	assert_int_not_equal(post.addr / 64, done.addr / 64);
	a = mapped(&rxq, false, LOAD, DESC + 16 * 8, 16);
	assert_int_equal(a.addr, post.addr);
	a = mapped(&rxq, true, LOAD, DESC + 16 * 8 + 8, 8);
	assert_int_equal(a.addr, done.addr);
	assert_int_equal(a.len, 64);
	a = mapped(&rxq, true, LOAD, USED + 2, 2);
	assert_int_equal(a.op, STORE);
	assert_int_equal(mapped(&rxq, false, LOAD, AVAIL, 4).addr, a.addr);
	assert_int_equal(result(&rxq, true, LOAD, USED + 4, 8), SHAPE_PLAIN);
}

/* No two areas of two queues share a line, or the model would see sharing that is not there. */
static void
areas_are_apart(void **state)
{
	const struct vq *const queues[] = {&rxq, &txq};
	uint64_t from[6], to[6];
	unsigned int n = 0;

	for (int i = 0; i < 2; i++) {
		struct model_access a[] = {
			mapped(queues[i], true, STORE, DESC, 16 * SIZE),
			mapped(queues[i], false, STORE, USED + 4, 8 * SIZE),
			mapped(queues[i], true, STORE, AVAIL + 2, 2),
		};

		for (int k = 0; k < 3; k++, n++) {
			from[n] = a[k].addr / 64;
			to[n] = (a[k].addr + a[k].len - 1) / 64;
		}
	}
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int k = 0; k < i; k++)
			assert_true(to[i] < from[k] || to[k] < from[i]);
}

static void
virtio_and_stopped_queues_are_left_alone(void **state)
{
	m.shape = steer_shape_find("");
	assert_int_equal(result(&rxq, true, STORE, DESC, 8), SHAPE_PLAIN);
	m.shape = steer_shape_find("mlx5");
	rxq.live = false;
	assert_int_equal(result(&rxq, true, STORE, DESC, 8), SHAPE_PLAIN);
}

#define CASE(f) cmocka_unit_test_setup(f, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(descriptors_keep_their_order),
		CASE(eight_received_packets_share_a_completion),
		CASE(a_burst_sent_shares_a_completion),
		CASE(indices_are_doorbells_and_flags_are_gone),
		CASE(packed_rings_are_two),
		CASE(areas_are_apart),
		CASE(virtio_and_stopped_queues_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
