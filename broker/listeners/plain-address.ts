/** Addresses as people write them. */

/** IPv4 plainly also where it came over a socket for IPv6 (`::ffff:192.0.2.1`), and IPv6 without its zone. */
export function plainAddress(address: string): string {
	const withoutZone = address.split("%", 1)[0] ?? "";
	return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone)?.[1] ?? withoutZone;
}
