/** A list of addresses and networks that are trusted. */

import { BlockList, isIP, isIPv6 } from "node:net";
import { plainAddress } from "./plain-address";

/** Is it an IPv4 or IPv6 address, or a network as in `10.0.0.0/8`? */
export function isAddressOrNetwork(text: string): boolean {
	const { address, bits } = parts(text);
	if (isIP(address) === 0) return false;
	return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv6(address) ? 128 : 32));
}

export class TrustedAddresses {
	readonly #list = new BlockList();

	/** @param entries each of which {@link isAddressOrNetwork} */
	constructor(entries: readonly string[]) {
		for (const entry of entries) {
			const { address, bits } = parts(entry);
			if (bits === undefined) this.#list.addAddress(address, family(address));
			else this.#list.addSubnet(address, Number(bits), family(address));
		}
	}

	has(address: string): boolean {
		const plain = plainAddress(address);
		return isIP(plain) !== 0 && this.#list.check(plain, family(plain));
	}
}

function parts(text: string): { address: string; bits: string | undefined } {
	const at = text.indexOf("/");
	return at === -1 ? { address: text, bits: undefined } : { address: text.slice(0, at), bits: text.slice(at + 1) };
}

function family(address: string): "ipv4" | "ipv6" {
	return isIPv6(address) ? "ipv6" : "ipv4";
}
