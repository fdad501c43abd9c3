/** How much a broker keeps on the disk. */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Broker } from "../broker";

/** @returns bytes; `null` for a broker that keeps nothing on a disk of its own */
export async function storeSize({ options }: Pick<Broker, "options">): Promise<number | null> {
	const { store } = options;
	if (store.kind !== "disk" || store.durability === "none") return null;
	const names = await readdir(store.folder).catch(() => []);
	const sizes = await Promise.all(names.map((name) => sizeOf(join(store.folder, name))));
	return sizes.reduce((sum, size) => sum + size, 0);
}

/** Files come and go while they are counted. */
async function sizeOf(file: string): Promise<number> {
	try {
		return (await stat(file)).size;
	} catch {
		return 0;
	}
}
