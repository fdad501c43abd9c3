/**
 * Tells from Node-RED's events whether flows that stop will start again.
 *
 * A node's `close` comes with the same arguments in both cases, so the events around it have to be read:
 * - A deploy announces its stop by `flows:stopping` with the difference that it computed. A stop that nothing follows
 *   (`RED.stop()`, the stop button) announces an empty difference, without `globalConfigChanged`.
 * - "Restart flows" also has an empty difference, but it has read the flow file just before, and then tells a
 *   `runtime-state` without payload.
 * - `flows:started` ends a deploy. One that can't start its flows (a missing node type, safe mode) ends with a
 *   `runtime-state` that has an error in its payload.
 * - `flowbroker run` ends with a deploy of nothing, and says `flowbroker:ending` before.
 */

import type { EventEmitter } from "node:events";

interface FlowsStopping {
	readonly diff?: { readonly globalConfigChanged?: boolean };
}

interface RuntimeEvent {
	readonly id?: string;
	readonly payload?: { readonly state?: string; readonly error?: unknown; readonly deploy?: boolean };
}

export class FlowLifecycle {
	#rereading = false;
	#ending = false;
	#over = false;
	readonly #settled: () => void;

	/**
	 * @param events `RED.events`
	 * @param settled called when no node will be made or closed until the next deploy
	 */
	constructor(events: EventEmitter, settled: () => void) {
		this.#settled = settled;
		events.on("runtime-event", (event: RuntimeEvent) => this.#runtimeEvent(event));
		events.on("flows:stopping", ({ diff }: FlowsStopping) => {
			this.#ending = !this.#rereading && diff?.globalConfigChanged === undefined;
		});
		events.on("flows:starting", () => {
			this.#ending = false;
			this.#rereading = false;
		});
		events.on("flows:started", settled);
		events.on("flowbroker:ending", () => {
			this.#over = true;
		});
	}

	/** True between the announcement of a stop that nothing follows and the next start. */
	get isEnding(): boolean {
		return this.#ending || this.#over;
	}

	#runtimeEvent({ id, payload }: RuntimeEvent): void {
		if (id !== "runtime-state") return;
		this.#rereading = payload === undefined;
		if (payload?.state !== undefined && payload.state !== "start" && (payload.error || !payload.deploy))
			this.#settled();
	}
}
