import { describe, expect, test } from "@jest/globals";
import { BanList } from "../../../broker/access/ban-list";

describe("the ban list", () => {
	const client = { clientId: "lamp", user: "alice", address: "2001:db8::1" };

	test("lets a client in again when the time is over", () => {
		let now = 1_000;
		const bans = new BanList(() => now);
		bans.add({ user: "alice" }, 2_000, "loud");
		now = 1_999;
		expect(bans.find(client)).toMatchObject({ user: "alice", clientId: null, address: null, until: 2_000 });
		now = 2_000;
		expect(bans.find(client)).toBeUndefined();
		expect(bans.list()).toEqual([]);
		expect(bans.lift({ user: "alice" })).toBe(false);
	});

	test("takes the three kinds of names apart", () => {
		const bans = new BanList(() => 0);
		bans.add({ clientId: "alice" }, 1, "");
		bans.add({ user: "lamp" }, 1, "");
		expect(bans.find(client)).toBeUndefined();
		expect(bans.find({ ...client, clientId: "alice" })).toBeDefined();
	});

	test("bans the network of an IPv6 address, and an IPv4 address however it is written", () => {
		const bans = new BanList(() => 0);
		bans.add({ address: "2001:db8::ffff" }, 1, "");
		bans.add({ address: "192.0.2.1" }, 1, "");
		expect(bans.find(client)).toMatchObject({ address: "2001:db8:0:0::/64" });
		expect(bans.find({ ...client, address: "2001:db8:0:1::1" })).toBeUndefined();
		expect(bans.find({ ...client, address: "::ffff:192.0.2.1" })).toBeDefined();
		const [first] = bans.list();
		expect(bans.lift({ address: first?.address ?? "" })).toBe(true);
	});

	test("takes a new time for the same ban, and does not grow without end", () => {
		let now = 0;
		const bans = new BanList(() => now);
		for (let at = 0; at < 10_000; at++) bans.add({ clientId: String(at) }, 10, "");
		expect(() => bans.add({ clientId: "one more" }, 10, "")).toThrow(expect.objectContaining({ code: "BANS_FULL" }));
		expect(bans.add({ clientId: "7" }, 20, "again")).toMatchObject({ until: 20 });
		now = 10;
		bans.add({ clientId: "one more" }, 20, "");
		expect(bans.list()).toHaveLength(2);
	});
});
