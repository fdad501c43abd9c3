import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { HostedBroker } from "../../broker";
import { type CreatedCertificates, createCertificates } from "../../broker/certs/create";
import { startBroker } from "../helpers/broker";
import { type EmbeddedNodeRed, type FlowNode, startNodeRed } from "../helpers/embedded-node-red";

const place = { z: "tab", x: 1, y: 1 };
const tab: FlowNode = { id: "tab", type: "tab", label: "Test" };
const got: FlowNode = { ...place, id: "got", type: "test-probe", wires: [] };

describe("Node-RED's TLS configuration", () => {
	let red: EmbeddedNodeRed;
	let folder: string;
	let files: CreatedCertificates;
	let strangers: CreatedCertificates;

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "flowbroker-test-"));
		files = await createCertificates({ hosts: ["localhost"], out: join(folder, "own"), clients: ["anna"] });
		strangers = await createCertificates({ hosts: ["localhost"], out: join(folder, "other"), clients: ["anna"] });
		red = await startNodeRed();
	});
	afterAll(async () => {
		await red.stop();
		await rm(folder, { recursive: true });
	});
	afterEach(async () => {
		await red.deploy([]);
		red.clear();
	});

	const tls = (changes: Record<string, unknown> = {}): FlowNode => ({
		...{
			id: "tls",
			type: "tls-config",
			name: "",
			cert: "",
			key: "",
			ca: files.ca,
			certname: "",
			keyname: "",
			caname: "",
		},
		...{ servername: "", verifyservercert: true, alpnprotocol: "", certType: "files" },
		...changes,
	});
	const remote = (port: number | undefined, changes: Record<string, unknown> = {}): FlowNode => ({
		...{ id: "far", type: "flowbroker-broker", kind: "remote", broker: "localhost", port, usetls: true, tls: "tls" },
		...{ protocolVersion: "5", reconnectMin: 0.05, reconnectMax: 0.1 },
		...changes,
	});
	const nodes = (broker: string, types = { in: "flowbroker-in", out: "flowbroker-out" }): FlowNode[] => [
		{ ...place, id: "in", type: types.in, topic: "home/#", qos: "2", datatype: "utf8", broker, wires: [["got"]] },
		{ ...place, id: "out", type: types.out, topic: "home/lamp", qos: "1", broker, wires: [] },
		got,
	];
	const listener = (more: Record<string, unknown> = {}) => ({
		listeners: [{ kind: "tls", port: 0, tls: { certFile: files.cert, keyFile: files.key, ...more } }],
	});
	const connected = () => red.status("out", ({ fill }) => fill === "green");
	const fails = async (text: string) => {
		await red.status("out", (status) => status.text === text);
		return red.log.filter(({ level }) => level === 20).map(({ msg }) => String(msg));
	};

	test("lets a connection to another broker trust its authority", async () => {
		await using broker = await startBroker(listener());
		await red.deploy([tab, tls(), remote(broker.port), ...nodes("far")]);
		await connected();
		red.send("out", { payload: "on" });
		expect((await red.received("got", 1))[0]).toMatchObject({ topic: "home/lamp", payload: "on" });
	});

	test("may hold the certificates itself", async () => {
		await using broker = await startBroker(listener());
		const cadata = await readFile(files.ca, "utf8");
		await red.deploy([
			tab,
			tls({ ca: "", caname: "ca.pem", credentials: { cadata } }),
			remote(broker.port),
			...nodes("far"),
		]);
		await connected();
	});

	test("with a stranger's authority, or none, says that the certificate is not trusted", async () => {
		await using broker = await startBroker(listener());
		for (const ca of [strangers.ca, ""]) {
			red.clear();
			await red.deploy([tab, tls({ ca }), remote(broker.port), ...nodes("far")]);
			expect((await fails("certificate not trusted")).join()).toContain(
				"choose a TLS configuration with the certificate",
			);
		}
	});

	test("says by which name the certificate is to be checked, or that it is not", async () => {
		await using broker = await startBroker(listener());
		const address = { broker: "127.0.0.1" };
		await red.deploy([tab, tls(), remote(broker.port, address), ...nodes("far")]);
		expect((await fails("certificate not trusted")).join()).toContain("made out for another name");
		await red.deploy([tab, tls({ servername: "localhost" }), remote(broker.port, address), ...nodes("far")]);
		await connected();
		red.clear();
		await red.deploy([tab, tls({ ca: "", verifyservercert: false }), remote(broker.port, address), ...nodes("far")]);
		await connected();
	});

	test("brings the client's certificate where the broker asks for one", async () => {
		await using broker = await startBroker(listener({ caFile: files.ca, requestCert: "required" }));
		await red.deploy([tab, tls(), remote(broker.port), ...nodes("far")]);
		expect((await fails("connection lost")).join()).toContain("whether it asks for a certificate of this client");
		const [anna] = files.clients;
		await red.deploy([tab, tls({ cert: anna?.cert, key: anna?.key }), remote(broker.port), ...nodes("far")]);
		await connected();
		expect(broker.broker.clients()).toHaveLength(1);
	});

	test("that can't be read, or is gone, is told in status and log", async () => {
		await red.deploy([tab, tls({ ca: join(folder, "missing.pem") }), remote(1), ...nodes("far")]);
		expect((await fails("settings invalid")).join()).toContain("the log tells why");
		red.clear();
		await red.deploy([tab, remote(1), ...nodes("far")]);
		expect((await fails("settings invalid")).join()).toContain("was removed or disabled");
	});

	test.each([
		["flowbroker's nodes", { in: "flowbroker-in", out: "flowbroker-out" }, {}],
		[
			"Node-RED's own nodes",
			{ in: "mqtt in", out: "mqtt out" },
			{ type: "mqtt-broker", keepalive: 60, cleansession: true },
		],
	])("serves an embedded broker, and %s as its clients", async (_name, types, changes) => {
		const server = tls({ id: "server", cert: files.cert, key: files.key, ca: "" });
		const own = { id: "own", type: "flowbroker-broker", port: 0, tlsPort: 0, serverTls: "server" };
		await red.deploy([tab, server, own]);
		const hosted = red.node<HostedBroker>("own");
		await hosted.started;
		const port = hosted.broker?.listeners.find(({ kind }) => kind === "tls")?.port;
		await red.deploy([tab, server, own, tls(), remote(port, changes), ...nodes("far", types)], "nodes");
		await connected();
		red.send("out", { payload: "on" });
		expect((await red.received("got", 1))[0]).toMatchObject({ topic: "home/lamp", payload: "on" });
	});
});
