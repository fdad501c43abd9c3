/** Completes topics in the forms of nodes, those of Node-RED's own MQTT nodes as well, by topics that are in use. */

import type { Call } from "./api";

/** What Node-RED's fields for topics look for among the plugins. */
export interface CompletionSource {
	readonly type: "node-red-mqtt-topic-autocomplete-source";
	getCompletions(value: string): Promise<readonly string[]>;
}

/** Topics of one broker that are offered. */
const MOST = 50;

export function completionSource(call: Call): CompletionSource {
	const namesOf = async (broker: string, part: string) => {
		// Without names the field does its work as well.
		return call("GET /brokers/:broker/topic-names", { broker, part, limit: MOST }).catch(() => []);
	};
	return {
		type: "node-red-mqtt-topic-autocomplete-source",
		async getCompletions(value) {
			const brokers = await call("GET /brokers", {}).catch(() => []);
			const running = brokers.filter(({ state }) => state === "running").map(({ id }) => id);
			const chosen = running.find((id) => id === chosenBroker());
			const found = await Promise.all((chosen ? [chosen] : running).map((id) => namesOf(id, value)));
			return [...new Set(found.flat())];
		},
	};
}

/** The broker that is chosen in the open form of a node, as it stands there now. */
function chosenBroker(): string | undefined {
	const field = document.getElementById("node-input-broker");
	return field instanceof HTMLSelectElement || field instanceof HTMLInputElement ? field.value : undefined;
}
