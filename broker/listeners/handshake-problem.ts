/** Why a connection ended before MQTT began on it. */

export type HandshakeStep = "proxy" | "tls" | "websocket";

/** The message is for people, about the client: "sent no valid PROXY header". */
export class HandshakeProblem extends Error {
	override readonly name = "HandshakeProblem";

	constructor(
		readonly step: HandshakeStep,
		message: string,
		cause?: unknown,
	) {
		super(message, cause === undefined ? undefined : { cause });
	}
}
