/* SPDX-License-Identifier: BSD-3-Clause */

/* The listening socket: mode 0600, one client at a time, of our user or root. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "nic_priv.h"

static void
address(const struct nic *nic, struct sockaddr_un *sa)
{
	*sa = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(sa->sun_path, nic->opts.sock, strlen(nic->opts.sock));
}

/* @return 0 the path is free (a dead server's socket is taken away), or negative errno. */
static int
clear_path(const struct nic *nic, const struct sockaddr_un *sa)
{
	struct stat st;
	int fd, rc;

	if (lstat(nic->opts.sock, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	rc = connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) < 0 ? errno : 0;
	close(fd);
	if (rc != ECONNREFUSED)
		return rc == 0 || rc == EAGAIN ? -EADDRINUSE : -rc;
	return unlink(nic->opts.sock) < 0 && errno != ENOENT ? -errno : 0;
}

static int
open_socket(struct nic *nic, const struct sockaddr_un *sa)
{
	struct stat st = {0};
	mode_t old;
	int fd, rc;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	old = umask(0177);
	rc = bind(fd, (const struct sockaddr *)sa, sizeof(*sa)) < 0 ? -errno : 0;
	umask(old);
	if (rc == 0 && (stat(nic->opts.sock, &st) < 0 || listen(fd, 64) < 0))
		rc = -errno;
	if (rc < 0) {
		close(fd);
		return rc;
	}
	nic->sock_dev = st.st_dev;
	nic->sock_ino = st.st_ino;
	return fd;
}

int
nic_listen(struct nic *nic)
{
	struct sockaddr_un sa;
	int rc;

	address(nic, &sa);
	rc = clear_path(nic, &sa);
	if (rc == 0)
		rc = open_socket(nic, &sa);
	if (rc == -EADDRINUSE)
		nic_log(nic, "socket is served by another process: choose another --sock");
	else if (rc == -EEXIST)
		nic_log(nic, "path exists and is no socket: choose another --sock");
	else if (rc < 0)
		nic_log(nic, "cannot create the socket: %s", strerror(-rc));
	if (rc < 0)
		return rc;
	nic->listen_fd = rc;
	return 0;
}

void
nic_unlisten(struct nic *nic)
{
	struct stat st;

	if (nic->listen_fd < 0)
		return;
	close(nic->listen_fd);
	nic->listen_fd = -1;
	if (lstat(nic->opts.sock, &st) == 0 && st.st_dev == nic->sock_dev &&
	    st.st_ino == nic->sock_ino)
		unlink(nic->opts.sock);
}

static bool
peer_allowed(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 &&
	       (cred.uid == geteuid() || cred.uid == 0);
}

int
nic_accept(struct nic *nic)
{
	int fd = accept4(nic->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return 0;
	if (nic->conn.fd >= 0 || !peer_allowed(fd)) {
		atomic_fetch_add(&nic->stats.refused, 1);
		close(fd);
		return 0;
	}
	nic->conn.fd = fd;
	return 1;
}
