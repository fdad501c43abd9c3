/** What an engine that is one of several shares with the others. */

import type { Message, QoS } from "../../message";
import type { AedesClient } from "./aedes-client";
import type { AedesPersistence, Packet } from "./aedes-persistence";

/** A PUBLISH or a will: aedes gives a will no `cmd`. */
export interface Publication {
	cmd?: string;
	topic: string;
	payload: string | Buffer;
	qos: QoS;
	retain: boolean;
	clientId?: string;
	/** Of one from a client, with QoS 1 or 2. */
	messageId?: number;
	properties?: object | undefined;
}

export interface SharedHooks {
	/** Another process has published this. */
	heard(message: Message): void;
	/** The client has come to another process. @returns false when it is not here */
	takenOver(clientId: string): boolean;
	/** The session of a client that is nowhere has ended; told at one of the processes. */
	expired(clientId: string): void;
	/** The will of a client whose process has died. */
	publishWill(will: Message): Promise<void>;
	/** What was told while this process heard nothing is in the sessions: everybody has to come again. */
	sendBack(): void;
	fault(error: Error): void;
}

export interface SharedBackends {
	/** Called at each start. @param internal topics of aedes's notices start with it */
	open(hooks: SharedHooks, internal: string): Promise<{ mq: object; persistence: SharedPersistence }>;
	/** What has changed so far is in Redis, unless that is away. */
	close(): Promise<void>;
	/** Resolves when everything is known here that any process has changed up to now. */
	fence(): Promise<void>;
	/**
	 * The client logs in here. Resolves when no other process has it any more.
	 * @param held called when it is here in the eyes of all: whoever takes it over does that later
	 */
	claim(clientId: string, held: () => void): Promise<void>;
	/** The client is not here any more. @param patience seconds that its session waits; undefined: as was said before */
	left(clientId: string, patience: number | undefined): void;
}

export type SharedPersistence = AedesPersistence & {
	/** Is the message left to the queue, which is on its way to the client? */
	leavesToQueue(client: AedesClient, packet: Packet): boolean;
};
