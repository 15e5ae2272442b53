/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What the main thread waits for: input, signals, devices that go away.
 */

#ifndef EVENTS_H
#define EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#define EVENT_QUIT    1u /* SIGINT or SIGTERM came; stays */
#define EVENT_REMOVED 2u /* events_removed_next() has a port */
#define EVENT_INPUT   4u /* standard input is readable or at its end */

/** Signal handlers and the ethdev callback; after EAL's initialisation. @return 0 or -errno. */
int events_init(void);
void events_fini(void);
/** @return set of EVENT_*, 0 after timeout_ms (-1: none). Main thread only. */
unsigned int events_wait(int timeout_ms, bool input);
/** Take one port whose device is gone. @return false when there is none. */
bool events_removed_next(uint16_t *port);

#endif /* EVENTS_H */
