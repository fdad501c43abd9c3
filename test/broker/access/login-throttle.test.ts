import { beforeEach, describe, expect, test } from "@jest/globals";
import { addressKey } from "../../../broker/access/address";
import { LoginThrottle } from "../../../broker/access/login-throttle";

let now = 0;
beforeEach(() => {
	now = Date.parse("2027-01-01");
});

const options = {
	delay: 0,
	failuresPerUser: 3,
	failuresPerAddress: 5,
	ban: 60_000,
	longestBan: 200_000,
	forget: 600_000,
	entries: 8,
};
const make = () => new LoginThrottle(options, () => now);

async function fail(throttle: LoginThrottle, address: string, user: string, times = 1): Promise<void> {
	for (let n = 0; n < times; n++) await throttle.failed(address, user);
}

describe("A6 guessing passwords", () => {
	test("bans the user at that address, and nobody else", async () => {
		const throttle = make();
		await fail(throttle, "10.0.0.1", "alice", 2);
		expect(throttle.banOf("10.0.0.1", "alice")).toBeUndefined();
		await fail(throttle, "10.0.0.1", "alice");
		expect(throttle.banOf("10.0.0.1", "alice")).toEqual({ address: "10.0.0.1", user: "alice", until: now + 60_000 });
		expect(throttle.banOf("10.0.0.1", "bob")).toBeUndefined();
		expect(throttle.banOf("10.0.0.2", "alice")).toBeUndefined();
	});

	test("many users from one address ban the address", async () => {
		const throttle = make();
		for (const user of ["a", "b", "c", "d", "e"]) await fail(throttle, "10.0.0.1", user);
		expect(throttle.banOf("10.0.0.1", "somebody else")).toMatchObject({ user: null });
		expect(throttle.bans()).toHaveLength(1);
	});

	test("this machine itself is never banned as a whole", async () => {
		const throttle = make();
		for (const user of ["a", "b", "c", "d", "e", "f"]) await fail(throttle, "::ffff:127.0.0.1", user);
		expect(throttle.banOf("127.0.0.1", "somebody else")).toBeUndefined();
		await fail(throttle, "127.0.0.1", "a", 2);
		expect(throttle.banOf("127.0.0.1", "a")).toBeDefined();
	});

	test("a ban ends, the next failure bans for twice as long, up to a limit", async () => {
		const throttle = make();
		await fail(throttle, "10.0.0.1", "alice", 3);
		const lengths: number[] = [];
		for (let round = 0; round < 3; round++) {
			now = (throttle.banOf("10.0.0.1", "alice")?.until ?? now) + 1;
			expect(throttle.banOf("10.0.0.1", "alice")).toBeUndefined();
			throttle.lift("10.0.0.1", null);
			await fail(throttle, "10.0.0.1", "alice");
			lengths.push((throttle.banOf("10.0.0.1", "alice")?.until ?? 0) - now);
		}
		expect(lengths).toEqual([120_000, 200_000, 200_000]);
	});

	test("a right password, or a long time, forgets the failures of the user", async () => {
		const throttle = make();
		await fail(throttle, "10.0.0.1", "alice", 2);
		throttle.succeeded("10.0.0.1", "alice");
		await fail(throttle, "10.0.0.1", "alice");
		expect(throttle.bans()).toEqual([]);
		now += 600_001;
		await fail(throttle, "10.0.0.1", "alice", 2);
		expect(throttle.bans()).toEqual([]);
	});

	test("a ban can be lifted", async () => {
		const throttle = make();
		await fail(throttle, "10.0.0.1", "alice", 3);
		expect(throttle.lift("10.0.0.1", null)).toBe(false);
		expect(throttle.lift("10.0.0.1", "alice")).toBe(true);
		expect(throttle.banOf("10.0.0.1", "alice")).toBeUndefined();
		expect(throttle.lift("10.0.0.1", "alice")).toBe(false);
	});

	test("what is remembered is bounded in number and in length", async () => {
		const throttle = make();
		for (let n = 0; n < 40; n++) await fail(throttle, `10.0.1.${n}`, "x".repeat(65_535), 3);
		expect(throttle.bans().length).toBeLessThanOrEqual(8);
		expect(throttle.bans()[0]?.user?.length).toBeLessThan(300);
	});

	test("answers that wait are given at once when it is closed", async () => {
		const throttle = new LoginThrottle({ delay: 3_600_000, longestDelay: 3_600_000 });
		const waiting = throttle.failed("10.0.0.1", "alice");
		throttle.close();
		await waiting;
	});

	test("no more answers wait than are allowed to", async () => {
		const throttle = new LoginThrottle({ delay: 3_600_000, longestDelay: 3_600_000, delayed: 1 });
		const waiting = throttle.failed("10.0.0.1", "alice");
		await throttle.failed("10.0.0.2", "bob");
		throttle.close();
		await waiting;
	});
});

describe("addresses", () => {
	test.each([
		["10.0.0.1", "10.0.0.1"],
		["::ffff:10.0.0.1", "10.0.0.1"],
		["::1", "::1"],
		["2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
		["2001:0DB8::1:2", "2001:db8:0:0::/64"],
		["fe80::1%eth0", "fe80:0:0:0::/64"],
		["2001:db8:0:1::/64", "2001:db8:0:1::/64"],
		["/run/mqtt.sock", "/run/mqtt.sock"],
		["", ""],
	])("%j counts as %j", (address, key) => {
		expect(addressKey(address)).toBe(key);
	});
});
