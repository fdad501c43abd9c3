/** `flowbroker certs`: certificates for listeners with TLS. */

import type { CommandGroup } from "../command-group";
import { createCerts } from "./certs/create";

export const certs: CommandGroup = {
	name: "certs",
	summary: "make certificates for TLS in a home network",
	commands: [createCerts],
};
