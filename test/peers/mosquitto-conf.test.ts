import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createCertificates } from "../../broker/certs/create";
import { freePort } from "../helpers/free-port";
import { findProgram, type PeerProgram, run, start } from "../helpers/peer-program";
import { type Act, across, logIn, publish, queue, receive, retain, state, type Way } from "./conf/acts";
import { type Imported, type Side, startOurs, startTheirs } from "./conf/side";

interface House {
	readonly what: string;
	/** Names of its listeners. `default`: the one without a line; `remote`: another Mosquitto, which asks for a password. */
	readonly listeners: readonly string[];
	conf(port: (listener: string) => number, folder: string): string;
	/** More lines for the remote Mosquitto. */
	readonly remote?: () => readonly string[];
	readonly acts: Readonly<Record<string, Act>>;
	/** Begins of what the import tells; all of it. */
	readonly told: readonly string[];
}

let certificates: Awaited<ReturnType<typeof createCertificates>>;
const ca = () => readFileSync(certificates.ca, "utf8");
const secure = (way: Way): Way => ({ ...way, ca: ca() });
const garden = () => certificates.clients[0] as { readonly cert: string; readonly key: string };
const withCertificate = (way: Way): Way => {
	return { ...way, ca: ca(), cert: readFileSync(garden().cert), key: readFileSync(garden().key) };
};
const remoteByTls = () => withCertificate({ at: "remote", scheme: "mqtts" });
const later =
	(act: () => Act): Act =>
	(side) =>
		act()(side);

const admin: Way = { username: "admin", password: "adminpw" };
const onRemote: Way = { ...admin, at: "remote" };
const alice: Way = { username: "alice", password: "correct horse" };

const houses: readonly House[] = [
	{
		what: "the file that Debian ships",
		listeners: ["default"],
		conf: (_port, folder) => {
			const shipped = readFileSync("/etc/mosquitto/mosquitto.conf", "utf8");
			const empty = join(folder, "conf.d");
			return `${shipped
				.replaceAll(/\/run\/mosquitto|\/var\/log\/mosquitto/g, folder)
				.replace("/var/lib/mosquitto/", `${folder}/`)
				.replace("/etc/mosquitto/conf.d", empty)}\nuser root\n`;
		},
		acts: {
			"without user": logIn({}),
			"with any user": logIn({ username: "somebody", password: "something" }),
			"with MQTT 5": logIn({ protocolVersion: 5 }),
			"everything passes": publish({}, ["a", "b/c", "$SYS/x"]),
			"a retained message": retain({}, "kept/now", false),
			"a retained message, over a restart": retain({}, "kept/later", true),
			"a client that was away": queue({}, 20),
		},
		told: [
			"6: left out: pid_file",
			"9: left out: persistence_location",
			"11: left out: log_dest",
			"15: left out: user root",
		],
	},
	{
		what: "users and rules",
		listeners: ["mqtt"],
		conf: (port, folder) =>
			[
				...["persistence false", "user root", `listener ${port("mqtt")} 127.0.0.1`, "allow_anonymous true"],
				...[
					`password_file ${folder}/passwd`,
					`acl_file ${folder}/acl`,
					"max_queued_messages 10",
					"max_inflight_messages 0",
				],
			].join("\n"),
		acts: {
			"a user": logIn(alice),
			"a wrong password": logIn({ ...alice, password: "wrong" }),
			"an unknown user": logIn({ username: "nobody", password: "x" }),
			"without user": logIn({}),
			"what alice may publish": publish(alice, ["home/a", "home/safe", "other", "users/alice/x", "users/bob/x"], admin),
			"what nobody may publish": publish({}, ["public/in", "public/out", "home/a"], admin),
			"what alice gets": receive(
				alice,
				["home/#", "other", "#"],
				["home/a", "home/safe", "news/x", "users/alice/y"],
				admin,
			),
			"what nobody gets": receive({}, ["public/#", "home/#"], ["public/out", "home/a"], admin),
			"what is too much for a queue": queue(admin, 25),
		},
		told: ["2: left out: user root"],
	},
	{
		what: "TLS, and certificates in place of passwords",
		listeners: ["plain", "tls", "certificates"],
		conf: (port, folder) =>
			[
				...["per_listener_settings true", "user root", `listener ${port("plain")} localhost`, "allow_anonymous true"],
				...[
					`listener ${port("tls")}`,
					`certfile ${certificates.cert}`,
					`keyfile ${certificates.key}`,
					"allow_anonymous true",
				],
				...["tls_version tlsv1.2", `listener ${port("certificates")}`, `cafile ${certificates.ca}`],
				...[`certfile ${certificates.cert}`, `keyfile ${certificates.key}`, "require_certificate true"],
				...["use_identity_as_username true", `pid_file ${folder}/pid`],
			].join("\n"),
		acts: {
			"plain on this machine": logIn({ at: "plain" }),
			TLS: later(() => logIn(secure({ at: "tls", scheme: "mqtts" }))),
			"plain on the port for TLS": logIn({ at: "tls" }),
			"a CA that does not know the broker": logIn({ at: "tls", scheme: "mqtts" }),
			"without certificate": later(() => logIn(secure({ at: "certificates", scheme: "mqtts" }))),
			"with certificate": later(() => logIn(withCertificate({ at: "certificates", scheme: "mqtts" }))),
			"from one listener to the other": later(() =>
				publish(withCertificate({ at: "certificates", scheme: "mqtts" }), ["a/b"], { at: "plain" }),
			),
		},
		told: ["2: left out: user root", "16: left out: pid_file"],
	},
	{
		what: "WebSocket",
		listeners: ["mqtt", "ws"],
		conf: (port) =>
			[
				...["user root", "allow_anonymous true", `listener ${port("mqtt")} 127.0.0.1`, "max_connections 50"],
				...[`listener ${port("ws")}`, "protocol websockets", "set_tcp_nodelay true"],
			].join("\n"),
		acts: {
			TCP: logIn({}),
			WebSocket: logIn({ at: "ws", scheme: "ws" }),
			"WebSocket on the usual path": logIn({ at: "ws", scheme: "ws", path: "/mqtt" }),
			"a page of another site": logIn({
				...{ at: "ws", scheme: "ws" },
				wsOptions: { origin: "https://elsewhere.example" },
			}),
			"MQTT on the port for WebSocket": logIn({ at: "ws" }),
			"from WebSocket to TCP": publish({ at: "ws", scheme: "ws" }, ["a/b"], {}),
			"from TCP to WebSocket": receive({ at: "ws", scheme: "ws" }, ["a/#"], ["a/b"], {}),
		},
		told: ["1: left out: user root", "7: left out: set_tcp_nodelay"],
	},
	{
		what: "a bridge",
		listeners: ["mqtt", "remote"],
		conf: (port) =>
			[
				...["user root", "allow_anonymous true", `listener ${port("mqtt")} 127.0.0.1`, "connection house"],
				...[`address 127.0.0.1:${port("remote")}`, "remote_username admin", "remote_password adminpw"],
				...["topic out/# out 1", "topic in/# in 1", "topic # both 2 home/ site/", "topic one both 1"],
				...["notification_topic house/state", "restart_timeout 1 2", "bridge_bind_address 127.0.0.1"],
			].join("\n"),
		acts: {
			"out, with QoS 1 at the most": across(
				[{}, onRemote],
				["out/ready", "out/ready"],
				["in/no", "other", "out/a", "one", "out/end"],
				"out/end",
			),
			"in, with QoS 1 at the most": across(
				[onRemote, {}],
				["in/ready", "in/ready"],
				["out/no", "other", "in/a", "one", "in/end"],
				"in/end",
			),
			"out with prefixes": across([{}, onRemote], ["home/ready", "site/ready"], ["home/a", "home/end"], "site/end"),
			"in with prefixes": across([onRemote, {}], ["site/yes", "home/yes"], ["site/a", "site/end"], "home/end"),
			"its state, told at the other broker": state(onRemote, "house/state"),
			"its state, told at its own broker": state({}, "house/state"),
		},
		told: ["1: left out: user root", "14: left out: bridge_bind_address"],
	},
	{
		what: "a bridge with certificates on both sides",
		listeners: ["mqtt", "remote"],
		conf: (port) =>
			[
				...["user root", "allow_anonymous true", `listener ${port("mqtt")} 127.0.0.1`, "connection house"],
				...[`address localhost:${port("remote")}`, `bridge_cafile ${certificates.ca}`],
				...[`bridge_certfile ${garden().cert}`, `bridge_keyfile ${garden().key}`, "bridge_insecure false"],
				...["topic # both 2 home/ site/", "bridge_protocol_version mqttv50", "notifications false"],
			].join("\n"),
		remote: () => [
			...[`cafile ${certificates.ca}`, `certfile ${certificates.cert}`, `keyfile ${certificates.key}`],
			...["require_certificate true", "use_identity_as_username true"],
		],
		acts: {
			out: later(() => across([{}, remoteByTls()], ["home/ready", "site/ready"], ["home/a", "home/end"], "site/end")),
			in: later(() => across([remoteByTls(), {}], ["site/yes", "home/yes"], ["site/b", "site/last"], "home/last")),
		},
		told: ["1: left out: user root"],
	},
	{
		// As home-assistant/addons, mosquitto/rootfs/usr/share/tempio/mosquitto.gtpl makes it with `ssl`; its plugin for
		// passwords is not part of Mosquitto, so the files stand in its place.
		what: "Home Assistant's add-on",
		listeners: ["mqtt", "ws", "tls", "wss"],
		conf: (port, folder) => {
			const tls = [`cafile ${certificates.ca}`, `certfile ${certificates.cert}`, `keyfile ${certificates.key}`];
			return [
				...["protocol mqtt", "user root", "log_dest stdout", "log_type error", "log_type warning", "log_type notice"],
				...["log_type information", "persistence true", `persistence_location ${folder}/`, "max_queued_messages 8192"],
				...[`password_file ${folder}/passwd`, `acl_file ${folder}/acl`],
				...[`listener ${port("mqtt")}`, "protocol mqtt", `listener ${port("ws")}`, "protocol websockets"],
				...[`listener ${port("tls")}`, "protocol mqtt", ...tls, "require_certificate false"],
				...[`listener ${port("wss")}`, "protocol websockets", ...tls, "require_certificate false"],
			].join("\n");
		},
		acts: {
			"without user": logIn({}),
			"a user over TCP": logIn(admin),
			"a user over WebSocket": logIn({ ...admin, at: "ws", scheme: "ws" }),
			"a user over TLS": later(() => logIn(secure({ ...admin, at: "tls", scheme: "mqtts" }))),
			"a user over WebSocket with TLS": later(() => logIn(secure({ ...admin, at: "wss", scheme: "wss" }))),
			"a wrong password over TLS": later(() => logIn(secure({ ...admin, password: "x", at: "tls", scheme: "mqtts" }))),
			"discovery over a restart": retain(admin, "homeassistant/light/x/config", true),
			"more messages than usual for one that is away": queue(admin, 1_200),
		},
		told: ["1: left out: protocol mqtt", "2: left out: user root", "9: left out: persistence_location"],
	},
];

const certificateFolder = mkdtempSync(join(tmpdir(), "flowbroker-conf-certificates-"));
beforeAll(async () => {
	certificates = await createCertificates({
		hosts: ["localhost", "127.0.0.1"],
		out: certificateFolder,
		clients: ["garden"],
	});
});
afterAll(() => rmSync(certificateFolder, { recursive: true }));

describe.each(houses)("mosquitto.conf: $what", ({ listeners, conf, remote: more, acts, told }) => {
	let folder: string;
	let theirs: Side;
	let ours: Imported;
	const remotes: PeerProgram[] = [];

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "flowbroker-conf-"));
		mkdirSync(join(folder, "conf.d"));
		await makeUsers(folder);
		const ports = async () => {
			const found: Record<string, number> = {};
			for (const name of listeners) found[name] = await freePort();
			return found;
		};
		const [forTheirs, forOurs] = [await ports(), await ports()];
		const lines = more?.() ?? [`password_file ${folder}/passwd`];
		for (const { remote } of [forTheirs, forOurs]) if (remote) remotes.push(await startRemote(folder, remote, lines));
		theirs = await startTheirs(
			folder,
			conf((name) => forTheirs[name] as number, folder),
			forTheirs,
		);
		ours = await startOurs(
			folder,
			conf((name) => forOurs[name] as number, folder),
			forOurs,
		);
	});
	afterAll(async () => {
		await Promise.all([theirs?.stop(), ours?.stop()]);
		await Promise.all(remotes.map((remote) => remote.kill()));
		rmSync(folder, { recursive: true });
	});

	test.each(Object.entries(acts))("%s: as with Mosquitto", async (_what, act) => {
		expect(await act(ours)).toBe(await act(theirs));
	});

	test("the import tells the lines that have no counterpart, and no other", () => {
		expect(ours.told.map((line, at) => line.slice("ours.conf:".length).slice(0, told[at]?.length))).toEqual(told);
	});
});

async function startRemote(folder: string, port: number, lines: readonly string[]): Promise<PeerProgram> {
	const file = join(folder, `remote-${port}.conf`);
	writeFileSync(file, `listener ${port} 127.0.0.1\nuser root\n${lines.join("\n")}\n`);
	const remote = start(findProgram("mosquitto"), ["-c", file, "-v"]);
	await remote.line((line) => line.endsWith(" running"));
	return remote;
}

async function makeUsers(folder: string): Promise<void> {
	const passwd = join(folder, "passwd");
	writeFileSync(passwd, "");
	for (const { username, password } of [admin, alice]) {
		await run(findProgram("mosquitto_passwd"), ["-b", passwd, username as string, password as string]);
	}
	const acl = [
		...["topic write public/in", "topic read public/out", "", "user admin", "topic readwrite #", ""],
		...[
			"user alice",
			"topic home/#",
			"topic deny home/safe",
			"topic read news/#",
			"",
			"pattern readwrite users/%u/#",
			"",
		],
	];
	writeFileSync(join(folder, "acl"), acl.join("\n"));
}
