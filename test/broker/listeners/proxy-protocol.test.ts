import { connect as connectTcp, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readProxyHeader } from "../../../broker/listeners/proxy-header";
import { TrustedAddresses } from "../../../broker/listeners/trusted-addresses";
import { connect } from "../../helpers/mqtt-client";
import { type House, makeHouse } from "./house";
import { connectPacket, nextRefusal, run, WELCOME, wire } from "./running";

const V1 = "PROXY TCP4 203.0.113.7 192.0.2.1 56324 1883\r\n";

/** @param family 0x11 is TCP over IPv4, 0x21 over IPv6 */
function v2(family: number, addresses: Buffer, command = 0x21): Buffer {
	const length = Buffer.from([addresses.length >> 8, addresses.length & 0xff]);
	const signature = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
	return Buffer.concat([signature, Buffer.from([command, family]), length, addresses]);
}

const IPV4 = Buffer.from("cb007107c0000201dc04075b", "hex");
const IPV6 = Buffer.from(`20010db8000000000000000000000007${"0".repeat(32)}dc04075b`, "hex");

describe("a PROXY header", () => {
	test.each([
		[V1, { address: "203.0.113.7", port: 56_324 }],
		["PROXY TCP6 2001:db8::7 ::1 56324 1883\r\n", { address: "2001:db8::7", port: 56_324 }],
		["PROXY UNKNOWN\r\n", undefined],
		["PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", undefined],
		[v2(0x11, IPV4), { address: "203.0.113.7", port: 56_324 }],
		[v2(0x11, Buffer.concat([IPV4, Buffer.alloc(50, 4)])), { address: "203.0.113.7", port: 56_324 }],
		[v2(0x21, IPV6), { address: "2001:db8::7", port: 56_324 }],
		[v2(0x00, Buffer.alloc(0), 0x20), undefined],
		[v2(0x31, Buffer.alloc(216)), undefined],
	])("%# is read, in one piece or byte by byte", (header, source) => {
		const bytes = Buffer.from(header as string);
		expect(readProxyHeader(Buffer.concat([bytes, Buffer.from("more")]))).toEqual({
			kind: "header",
			size: bytes.length,
			source,
		});
		for (let length = 0; length < bytes.length; length++) {
			expect(readProxyHeader(bytes.subarray(0, length))).toEqual({ kind: "incomplete" });
		}
	});

	test.each([
		["PROXY TCP4 203.0.113.7 192.0.2.1 56324\r\n"],
		["PROXY TCP4 203.0.113.7 192.0.2.1 70000 1883\r\n"],
		["PROXY TCP4 203.0.113.7 192.0.2.1 1 2 3\r\n"],
		["PROXY TCP4 2001:db8::7 ::1 1 2\r\n"],
		["PROXY TCP9 203.0.113.7 192.0.2.1 1 2\r\n"],
		["PROXY constructor 203.0.113.7 192.0.2.1 1 2\r\n"],
		[`PROXY TCP4 ${"1".repeat(200)}`],
		[v2(0x11, IPV4.subarray(0, 4))],
		[v2(0x11, IPV4, 0x22)],
		[v2(0x11, IPV4, 0x11)],
		[v2(0x51, IPV4)],
		[v2(0x11, Buffer.alloc(5_000))],
	])("%# is broken", (header) => {
		expect(readProxyHeader(Buffer.from(header as string))).toEqual({ kind: "broken" });
	});

	test("is absent where a client begins with something else", () => {
		expect(readProxyHeader(connectPacket("x"))).toEqual({ kind: "absent" });
	});
});

test("trust is by address and by network, also for IPv4 over IPv6", () => {
	const trusted = new TrustedAddresses(["192.0.2.1", "10.0.0.0/8", "fd00::/8"]);
	for (const address of ["192.0.2.1", "::ffff:192.0.2.1", "10.255.0.1", "fd12::1"])
		expect(trusted.has(address)).toBe(true);
	for (const address of ["192.0.2.2", "11.0.0.1", "fe80::1", "", "nonsense"]) expect(trusted.has(address)).toBe(false);
});

describe("a listener behind a proxy", () => {
	const behind = { port: 0, proxyProtocol: { trusted: ["127.0.0.0/8"] } };
	let house: House;
	beforeAll(async () => {
		house = await makeHouse();
	});
	afterAll(async () => house[Symbol.asyncDispose]());

	test.each([
		["1", Buffer.from(V1), "203.0.113.7"],
		["2", v2(0x21, IPV6), "2001:db8::7"],
	])("learns the client's address from version %s, and reads on behind it", async (_version, header, address) => {
		await using running = await run({ listeners: [behind], anonymous: true });
		const client = await wire(running.port("tcp"));
		client.socket.write(Buffer.concat([header, connectPacket("proxied")]));
		expect(await client.bytes(4)).toEqual(WELCOME);
		expect(running.broker.clients()).toMatchObject([{ id: "proxied", address }]);
	});

	test("waits for a header that comes byte by byte", async () => {
		await using running = await run({ listeners: [behind], anonymous: true });
		const client = await wire(running.port("tcp"));
		client.socket.setNoDelay(true);
		for (const byte of Buffer.concat([v2(0x11, IPV4), connectPacket("slow")])) {
			client.socket.write(Buffer.from([byte]));
			await new Promise((resolve) => setImmediate(resolve));
		}
		expect(await client.bytes(4)).toEqual(WELCOME);
	});

	test.each(["tls", "ws", "wss"])("does so before %s", async (kind) => {
		const secure = kind === "tls" || kind === "wss";
		const listener = { ...behind, kind, ...(secure && { tls: house.files }) };
		await using running = await run({ listeners: [listener], anonymous: true });
		await using proxy = await startProxy(running.port(kind), V1);
		const protocol = { tls: "mqtts", ws: "ws", wss: "wss" }[kind];
		const client = await connect(`${protocol}://127.0.0.1:${proxy.port}`, { ca: house.ca.certificatePem });
		expect(running.broker.clients()).toMatchObject([{ address: "203.0.113.7" }]);
		await client.mqtt.publishAsync("t", Buffer.alloc(200_000), { qos: 1 });
		await client.close();
	});

	test("ends a connection of the proxy without header, or with a broken one", async () => {
		await using running = await run({ listeners: [behind], anonymous: true });
		for (const bytes of [connectPacket("direct"), Buffer.from("PROXY TCP4 nonsense\r\n")]) {
			const client = await wire(running.port("tcp"));
			client.socket.write(bytes);
			expect((await client.ended).length).toBe(0);
		}
		expect(running.broker.clients()).toEqual([]);
	});

	test("believes nobody else, but serves clients that come without proxy", async () => {
		const listeners = [{ port: 0, proxyProtocol: { trusted: ["192.0.2.0/24"] } }];
		await using running = await run({ listeners, anonymous: true });
		const refusal = nextRefusal(running.broker);
		const liar = await wire(running.port("tcp"));
		liar.socket.write(Buffer.concat([Buffer.from(V1), connectPacket("liar")]));
		expect((await liar.ended).length).toBe(0);
		expect((await refusal).reason).toContain("sent a PROXY header, but is not trusted");
		const client = await connect(`mqtt://127.0.0.1:${running.port("tcp")}`);
		expect(running.broker.clients()).toMatchObject([{ address: "127.0.0.1" }]);
		await client.close();
	});
});

/** Passes connections on, each with a header in front. */
async function startProxy(to: number, header: string): Promise<AsyncDisposable & { readonly port: number }> {
	const server = createServer((socket) => {
		const onward = connectTcp(to, "127.0.0.1", () => {
			onward.write(header);
			socket.pipe(onward).pipe(socket);
		});
		onward.on("error", () => {}).on("close", () => socket.destroy());
		socket.on("error", () => {}).on("close", () => onward.destroy());
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		port: (server.address() as { port: number }).port,
		[Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
	};
}
