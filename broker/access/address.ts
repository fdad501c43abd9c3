/** Network addresses as keys: all addresses that one household or host can take at will count as one. */

/** IPv4 as it is, also where it is mapped into IPv6; IPv6 as its /64 network. Anything else, a network too, is kept. */
export function addressKey(address: string): string {
	const plain = address.split("%", 1)[0] ?? "";
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain);
	if (mapped?.[1]) return mapped[1];
	if (!/^[0-9a-f:]+$/i.test(plain) || !plain.includes(":")) return address;
	if (plain === "::1") return plain;
	const [head = "", tail] = plain.toLowerCase().split("::");
	const front = head === "" ? [] : head.split(":");
	const back = tail === undefined || tail === "" ? [] : tail.split(":");
	const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => "0");
	const groups = tail === undefined ? front : [...front, ...zeros, ...back];
	return `${groups.slice(0, 4).map(shortGroup).join(":")}::/64`;
}

/** Is it an address of this machine? */
export function isLoopbackAddress(address: string): boolean {
	return address === "::1" || /^127\.\d+\.\d+\.\d+$/.test(addressKey(address));
}

function shortGroup(group: string): string {
	return group.replace(/^0+(?=.)/, "");
}
