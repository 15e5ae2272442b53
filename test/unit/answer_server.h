/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A vfio-user server without a script: it answers each command as one that went well, to one client
 * after the other. Bytes are written by hand from the vfio-user specification.
 */

#ifndef ANSWER_SERVER_H
#define ANSWER_SERVER_H

/* Listen below a folder of its own. @return the socket's path. */
const char *answer_start(void);
/* Wait until this many clients in all have hung up. @return 0 when one does not. */
int answer_wait(unsigned int clients);
void answer_stop(void);
/* Is this the server's thread? */
int answer_is_self(void);

#endif /* ANSWER_SERVER_H */
