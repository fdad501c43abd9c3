/** May a packet of a client go to the engine? Looks at the rules of MQTT first, then at those of this broker. */

import type { LimitOptions } from "../limits";
import { checkConnect, checkPacket, packetType, problems, type WireProblem } from "../wire";

const UNWANTED_VERSION: WireProblem = { reasonCode: 0x84, text: "speaks a version of MQTT that its listener does not" };
const UNWANTED_AUTH: WireProblem = {
	reasonCode: 0x82,
	text: "sent AUTH, and has agreed on no authentication method [MQTT-4.12.0-1]",
};

/** Control characters would garble logs, and MQTT advises against them [MQTT-1.5.4]. */
const CONTROL = /\p{Cc}/u;

/** For the packets of one connection, in their order. */
export class PacketCheck {
	readonly #limits: LimitOptions;
	#connectSeen = false;
	#version: 3 | 4 | 5 | undefined;
	/** CONNECT named an authentication method. */
	#mayAuthenticate = false;

	/**
	 * @param versions of MQTT that may be spoken; undefined for all
	 * @param auth does the engine take AUTH packets?
	 */
	constructor(
		limits: LimitOptions,
		readonly versions: readonly (3 | 4 | 5)[] | undefined,
		readonly auth = false,
	) {
		this.#limits = limits;
	}

	/** From CONNECT; undefined before it, and when it named none that is known. */
	get version(): 3 | 4 | 5 | undefined {
		return this.#version;
	}

	check(packet: Buffer): WireProblem | undefined {
		if (!this.#connectSeen) return this.#checkConnect(packet);
		const { topicLevels, userProperties } = this.#limits;
		const problem = checkPacket(packet, this.#version ?? 4, topicLevels, userProperties);
		if (problem || this.#mayAuthenticate) return problem;
		return (packet[0] as number) >> 4 === packetType.auth ? UNWANTED_AUTH : undefined;
	}

	#checkConnect(packet: Buffer): WireProblem | undefined {
		const { topicLevels, userProperties } = this.#limits;
		const result = checkConnect(packet, topicLevels, userProperties);
		this.#connectSeen = true;
		this.#version = result.protocolVersion;
		if (result.problem) return result.problem;
		this.#mayAuthenticate = this.auth && result.hasAuthenticationMethod;
		if (this.versions && !this.versions.includes(result.protocolVersion)) return UNWANTED_VERSION;
		return this.#clientIdProblem(result.clientId);
	}

	#clientIdProblem(clientId: string): WireProblem | undefined {
		if (Buffer.byteLength(clientId) > this.#limits.clientIdLength) return problems.clientIdTooLong;
		return CONTROL.test(clientId) ? problems.clientIdControl : undefined;
	}
}
