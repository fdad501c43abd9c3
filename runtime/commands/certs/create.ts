/** `flowbroker certs create`: a certificate authority for the house, and a certificate for the broker. */

import { resolve } from "node:path";
import { createCertificates, FlowbrokerError } from "../../../broker";
import type { Command } from "../../command";
import { say } from "../common/print";

export const createCerts: Command = {
	name: "certs create",
	summary: "make a CA and a certificate for the broker",
	usage: "--host NAME [NAME...] [options]",
	help: `Makes a certificate authority (CA) of the house, once, and a certificate for the broker under the names and
addresses by which clients reach it. Asked again, it keeps the CA and makes a new certificate; a running broker
takes that over by itself.

Every client must trust the file ca.pem. Keep ca-key.pem to yourself: who has it can pretend to be your broker.`,
	options: {
		host: { value: "NAME", help: "name or address of the broker; more may follow as words" },
		out: { value: "DIR", help: "folder for the files (default: certs)" },
		days: { value: "DAYS", help: "how long the certificate holds (default: 824)" },
		client: { value: "USER", help: "also make a client certificate for this user; several with commas" },
	},
	examples: [
		"flowbroker certs create --host home.local 192.168.1.10",
		"flowbroker certs create --host home.local --client garden,kitchen --out /etc/flowbroker/certs",
	],
	run: async ({ files: words, values: { host, out = "certs", days, client } }) => {
		const hosts = [...(host === undefined ? [] : [host]), ...words];
		if (hosts.length === 0) {
			throw new FlowbrokerError(
				"USAGE",
				"Say by which name clients reach the broker: --host NAME. See: flowbroker help certs create",
			);
		}
		const made = await createCertificates({
			hosts,
			out: resolve(out),
			...(days !== undefined && { days: Number(days) }),
			...(client !== undefined && { clients: client.split(",") }),
		});
		say(made.newCa ? `Made a new CA: ${made.ca}` : `Used the CA that was there: ${made.ca}`);
		say(`Certificate: ${made.cert}`);
		say(`Key:         ${made.key}`);
		for (const { user, cert, key } of made.clients) say(`Client ${user}: ${cert}, ${key}`);
		say(`It holds until ${new Date(made.notAfter).toISOString().slice(0, 10)}.`);
		say("");
		say("Every client must trust the CA. Copy it there, and try:");
		say(`  mosquitto_sub --cafile ${made.ca} -h ${hosts[0]} -p 8883 -t '#' -v`);
	},
};
