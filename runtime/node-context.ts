/** Knows at every moment which node's code is running, also behind timers and sockets: errors that nobody caught have no other sender. */

import { AsyncLocalStorage } from "node:async_hooks";
import type { NodeRed, NodeRedRegistry } from "./node-red";

/** A node of the flow. */
export interface RunningNode {
	/** As in the flow file, also inside a subflow. */
	readonly id: string;
	readonly type: string;
}

type Constructor = new (config: NodeConfig) => unknown;

interface NodeConfig {
	readonly id: string;
	readonly type: string;
	/** The id in the flow file, where Node-RED made one up because the node is in a subflow. */
	readonly _alias?: string;
}

export class NodeContext {
	readonly #storage = new AsyncLocalStorage<RunningNode>();
	readonly #watched = new WeakMap<Constructor, Constructor>();

	/** Before Node-RED starts. What a node's constructor opens, and what a message starts, is the node's from then on. */
	attach(nodeRed: NodeRed, registry: NodeRedRegistry): void {
		const { get } = registry;
		registry.get = (type) => {
			const found = get.call(registry, type);
			// A module that is a subflow gives an object.
			return typeof found === "function" ? this.#watch(found as Constructor) : found;
		};
		// Node-RED counts the parameters: a hook with one parameter is done when it returns.
		nodeRed.hooks.add("onReceive.flowbroker", (event) => {
			this.#storage.enterWith(describe(event.destination.node));
		});
	}

	/** The node whose code is running, or has started what is running. */
	get current(): RunningNode | undefined {
		return this.#storage.getStore();
	}

	#watch(made: Constructor): Constructor {
		const known = this.#watched.get(made);
		if (known) return known;
		const watched = new Proxy(made, {
			construct: (target, [config]: [NodeConfig]) =>
				this.#storage.run(describe(config), () => Reflect.construct(target, [config]) as object),
		});
		this.#watched.set(made, watched);
		return watched;
	}
}

function describe({ id, type, _alias }: NodeConfig): RunningNode {
	return { id: _alias ?? id, type };
}
