/** Two brokers that were given the same: the real Mosquitto and ours. */

import type { Broker } from "../../../broker";
import { startBroker } from "../../helpers/broker";
import { startMosquitto } from "./server";

export interface Given {
	readonly anonymous: boolean;
	readonly passwordFile?: string;
	readonly aclFile?: string;
}

export interface Pair {
	/** Ports. */
	readonly theirs: number;
	readonly ours: number;
	readonly broker: Broker;
	stop(): Promise<void>;
}

/** @param folder for Mosquitto's configuration */
export async function startPair(folder: string, { anonymous, passwordFile, aclFile }: Given): Promise<Pair> {
	const mosquitto = await startMosquitto(folder, [
		`allow_anonymous ${anonymous}`,
		...(passwordFile === undefined ? [] : [`password_file ${passwordFile}`]),
		...(aclFile === undefined ? [] : [`acl_file ${aclFile}`]),
	]);
	try {
		const { broker, port } = await startBroker({ anonymous, access: { kind: "mosquitto", passwordFile, aclFile } });
		return {
			theirs: mosquitto.port,
			ours: port,
			broker,
			stop: async () => {
				await Promise.all([mosquitto.stop(), broker.stop()]);
			},
		};
	} catch (error) {
		await mosquitto.stop();
		throw error;
	}
}
