/** Which address a bridge tries next, and which version of MQTT it speaks there. */

import type { LinkEnd } from "./link";

export interface Speech {
	readonly version: 3 | 4 | 5;
	readonly bridgeBit: boolean;
}

/** Codes of CONNACK for a version of MQTT that the other broker does not speak; the bridge bit makes it another version. */
const WRONG_VERSION = [1, 132];

export class RouteChoice {
	readonly #servers: number;
	readonly #roundRobin: boolean;
	/** In the order in which they are tried. */
	readonly #speeches: readonly Speech[];
	#server = 0;
	#speech = 0;
	/** Those before were refused. */
	#firstSpeech = 0;

	constructor(servers: number, roundRobin: boolean, protocolVersion: "auto" | 3 | 4 | 5, tryPrivate: boolean) {
		this.#servers = servers;
		this.#roundRobin = roundRobin;
		this.#speeches = speechesOf(protocolVersion, tryPrivate);
	}

	get server(): number {
		return this.#server;
	}

	get speech(): Speech {
		return this.#speeches[this.#speech] as Speech;
	}

	/** A better address than the present one is to be looked for. */
	get isSecondary(): boolean {
		return !this.#roundRobin && this.#server > 0;
	}

	/** The preferred address is back. */
	prefer(): void {
		this.#server = 0;
	}

	/** @returns true when the next attempt need not wait: only the language was wrong */
	ended({ connected, code, error }: LinkEnd): boolean {
		if (!connected && code !== undefined && WRONG_VERSION.includes(code) && this.#speech + 1 < this.#speeches.length) {
			this.#speech++;
			this.#firstSpeech = this.#speech;
			return true;
		}
		// Some close without a word what they do not understand.
		const isSilent = !connected && code === undefined && error === undefined;
		this.#speech = isSilent ? this.#speech + 1 : this.#firstSpeech;
		if (isSilent && this.#speech < this.#speeches.length) return true;
		this.#speech = this.#firstSpeech;
		this.#server = connected && !this.#roundRobin ? 0 : (this.#server + 1) % this.#servers;
		return false;
	}
}

function speechesOf(protocolVersion: "auto" | 3 | 4 | 5, tryPrivate: boolean): Speech[] {
	if (protocolVersion === 5) return [{ version: 5, bridgeBit: false }];
	const version = protocolVersion === "auto" ? 4 : protocolVersion;
	const older = [...(tryPrivate ? [{ version, bridgeBit: true }] : []), { version, bridgeBit: false }];
	return protocolVersion === "auto" ? [{ version: 5, bridgeBit: false }, ...older] : older;
}
