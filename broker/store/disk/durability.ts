/** How safe a change is before it is acknowledged. docs/durability.md has the table of what each promises. */

/**
 * - `each`: it is synced to the disk, in groups.
 * - `interval`: the operating system has it; it is synced every 250 ms.
 * - `none`: it is in memory, and nothing is written at all.
 */
export const durabilities = ["each", "interval", "none"] as const;

export type Durability = (typeof durabilities)[number];
