/** Certificates for the listeners: taken from a file of this computer, or made by the server. */

import { field, show } from "../form";
import { ask, mayChange } from "../node-red";

const parts = { certFile: "cert", keyFile: "key", caFile: "ca" } as const;

/** @param id of the config node */
export function prepareCertificateFiles(id: string): void {
	for (const [name, part] of Object.entries(parts)) {
		const picker = document.getElementById(`flowbroker-broker-pick-${name}`);
		const file = document.getElementById(`flowbroker-broker-file-${name}`);
		if (!(file instanceof HTMLInputElement) || !picker) continue;
		show(picker.id, mayChange());
		picker.addEventListener("click", () => file.click());
		file.addEventListener("change", () => {
			void said(async () => {
				const pem = await file.files?.[0]?.text();
				file.value = "";
				if (pem === undefined) return;
				const { path } = await ask<{ path: string }>("certificates", { id, part, pem });
				fill(name, path);
			});
		});
	}
	show("flowbroker-broker-make-row", mayChange());
	document.getElementById("flowbroker-broker-make")?.addEventListener("click", () => {
		void said(async () => {
			const made = await ask<{ certFile: string; keyFile: string; hosts: string[]; ca: string }>("certificates/made", {
				id,
			});
			fill("certFile", made.certFile);
			fill("keyFile", made.keyFile);
			offer(made.ca, made.hosts);
		});
	});
}

/** A problem is shown below the fields. */
async function said(work: () => Promise<void>): Promise<void> {
	const problem = document.getElementById("flowbroker-broker-certificate-problem");
	let sentence = "";
	try {
		await work();
	} catch (error) {
		sentence = error instanceof Error ? error.message : String(error);
	}
	if (problem) problem.textContent = sentence;
	show("flowbroker-broker-certificate-problem", sentence !== "");
}

function fill(name: string, path: string): void {
	const input = field(`node-config-input-${name}`);
	if (!input) return;
	input.value = path;
	// Node-RED looks at it again, and at the other file.
	for (const each of Object.keys(parts)) {
		field(`node-config-input-${each}`)?.dispatchEvent(new Event("change", { bubbles: true }));
	}
}

/** The CA has to be carried to the devices. */
function offer(ca: string, hosts: readonly string[]): void {
	const link = document.getElementById("flowbroker-broker-ca");
	const names = document.getElementById("flowbroker-broker-made-hosts");
	if (!(link instanceof HTMLAnchorElement) || !names) return;
	link.href = URL.createObjectURL(new Blob([ca], { type: "application/x-pem-file" }));
	names.textContent = hosts.join(", ");
	show("flowbroker-broker-made", true);
}
