/** `flowbroker store`: what a broker keeps on the disk. */

import type { CommandGroup } from "../command-group";
import { checkStore } from "./store/check";
import { compactStore } from "./store/compact";
import { exportStore } from "./store/export";
import { importStore } from "./store/import";

export const store: CommandGroup = {
	name: "store",
	summary: "check, export, import and compact what a broker keeps on the disk",
	commands: [checkStore, exportStore, importStore, compactStore],
};
