/** A broker for one test: started on a port that the operating system chose, stopped by the test. */

import { type Broker, type BrokerDependencies, createBroker, parseBrokerOptions } from "../../broker";

export interface TestBroker extends AsyncDisposable {
	readonly broker: Broker;
	readonly port: number;
	readonly url: string;
}

/** @param options as for `parseBrokerOptions`; without `listeners` there is one on a free port of 127.0.0.1 */
export async function startBroker(
	options: Record<string, unknown> = {},
	dependencies: BrokerDependencies = {},
): Promise<TestBroker> {
	const broker = createBroker(parseBrokerOptions({ listeners: [{ port: 0 }], ...options }), dependencies);
	await broker.start();
	const listener = broker.listeners[0];
	if (!listener?.up) throw listener?.error ?? new Error("the listener is down");
	return {
		broker,
		port: listener.port,
		url: `mqtt://127.0.0.1:${listener.port}`,
		[Symbol.asyncDispose]: () => broker.stop(),
	};
}
