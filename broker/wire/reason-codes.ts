/** The reason codes that a client may send, by packet type (MQTT 5, 2.4). */

/** PUBACK and PUBREC. 0x10, "no matching subscribers", is a server's; clients are known to copy it, and it does no harm. */
export const publishAnswer: ReadonlySet<number> = new Set([0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]);

/** PUBREL and PUBCOMP. */
export const releaseAnswer: ReadonlySet<number> = new Set([0, 0x92]);

/** DISCONNECT. */
export const disconnectReason: ReadonlySet<number> = new Set([
	0, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
]);

/** AUTH: continue, re-authenticate. Success is the server's to say. */
export const authReason: ReadonlySet<number> = new Set([0x18, 0x19]);
