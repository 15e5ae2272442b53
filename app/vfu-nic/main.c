/* SPDX-License-Identifier: BSD-3-Clause */

/* vfu-nic: an emulated NIC behind a vfio-user socket. Exit 0 done, 1 failed, 2 bad usage. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "nic_priv.h"
#include "opts.h"
#include "telemetry.h"

/* EAL's threads inherit the mask, so a signal comes to the control thread's fd alone. */
static int
block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Our options are those after "--"; they are read before EAL is set up. */
static int
parse(int argc, char **argv, struct nic_opts *opts)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			return nic_opts_parse(opts, argc - i, argv + i);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		nic_opts_usage(stdout);
		return 1;
	}
	fprintf(stderr, "vfu-nic: no options: vfu-nic [EAL options] -- --sock PATH --wire WIRE, "
			"see --help\n");
	return -EINVAL;
}

static int
serve(struct nic *nic)
{
	int rc = nic_sigbus_guard(nic);

	if (rc < 0) {
		nic_log(nic, "cannot guard against SIGBUS: %s", strerror(-rc));
		return rc;
	}
	nic_cfg_build(nic);
	nic_telemetry_start(nic);
	rc = vio_start(nic->vio);
	if (rc < 0) {
		nic_log(nic, "cannot start the workers: %s", strerror(-rc));
		return rc;
	}
	printf("vfu-nic: %s ready: queues=%u vectors=%u ring=%u wire=%s\n", nic->opts.sock,
	       nic->opts.pairs, nic->opts.vectors, nic->opts.ring_size, nic->opts.wire);
	fflush(stdout);
	rc = nic_loop(nic);
	vio_stop(nic->vio);
	return rc;
}

static int
run(const struct nic_opts *opts, int signal_fd)
{
	struct nic *nic = NULL;
	int rc = nic_create(opts, &nic);

	if (rc < 0) {
		fprintf(stderr, "vfu-nic: %s: cannot create the device: %s%s\n", opts->sock,
			strerror(-rc), rc == -EAGAIN ? ": raise the sysctl fs.aio-max-nr" : "");
		return rc;
	}
	nic->signal_fd = signal_fd;
	rc = nic_listen(nic);
	if (rc < 0)
		goto destroy;
	rc = vio_create(nic, &nic->vio);
	if (rc == 0) {
		rc = serve(nic);
		nic_telemetry_stop();
		vio_destroy(nic->vio);
	}
destroy:
	nic_destroy(nic);
	return rc;
}

int
main(int argc, char **argv)
{
	struct nic_opts opts;
	int rc, fd;

	rc = parse(argc, argv, &opts);
	if (rc != 0)
		return rc > 0 ? 0 : 2;
	fd = block_signals();
	if (fd < 0) {
		fprintf(stderr, "vfu-nic: cannot set up signals: %s\n", strerror(errno));
		return 1;
	}
	if (rte_eal_init(argc, argv) < 0) {
		fprintf(stderr, "vfu-nic: EAL: %s\n", rte_strerror(rte_errno));
		return 1;
	}
	rc = run(&opts, fd);
	rte_eal_cleanup();
	close(fd);
	return rc < 0 ? 1 : 0;
}
