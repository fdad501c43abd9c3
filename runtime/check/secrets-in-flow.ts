/** Finds passwords that stand in a flow file itself: everybody who may read the flow reads them. Pure. */

import { activeNodes } from "./active";
import { textOf } from "./broker-fields";
import { type Finding, type Flow, finding } from "./finding";

const brokers = new Set(["flowbroker-broker", "mqtt-broker"]);
/** The password of a URL such as `mqtt://user:password@host`. */
const passwordInUrl = /\/\/[^/@:\s]*:([^/@\s]+)@/;
/** A variable of the environment, and nothing else. */
const variable = /^\$\{[^}]+\}$/;

/** Says something for every address of a broker with a password in it. */
export function checkSecretsInFlow(flow: Flow): Finding[] {
	return activeNodes(flow.nodes)
		.filter(({ type, broker }) => brokers.has(type) && holdsPassword(textOf(broker)))
		.map((node) => {
			const what =
				"has a password in the address of its server: everybody who can read the flow can read it. " +
				"Take user name and password out of the address, and fill in the fields that the form has for them.";
			return finding(flow, "warning", "SECRET_IN_FLOW", node, what);
		});
}

function holdsPassword(address: string): boolean {
	const password = passwordInUrl.exec(address)?.[1];
	return password !== undefined && !variable.test(password);
}
