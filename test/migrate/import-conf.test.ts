import { describe, expect, test } from "@jest/globals";
import { importConf, parseConf } from "../../migrate";
import { bridgeDefaults, bridgeRuleDefaults } from "../../nodes/bridge/properties";
import { brokerDefaults } from "../../nodes/broker/properties";

const read = (...lines: string[]) => importConf(parseConf("m.conf", lines.join("\n")));
type Node = Record<string, unknown>;
const brokerOf = (made: ReturnType<typeof read>) => made.nodes.find(({ kind }) => kind === "embedded") as Node;
const listenersOf = (made: ReturnType<typeof read>) => JSON.parse(String(brokerOf(made).listeners)) as Node[];
const bridgeOf = (made: ReturnType<typeof read>) => made.nodes.find(({ type }) => type === "flowbroker-bridge") as Node;
const remoteOf = (made: ReturnType<typeof read>) => made.nodes.find(({ kind }) => kind === "remote") as Node;
const told = (made: ReturnType<typeof read>) => made.remarks.map(({ line, kind }) => `${line} ${kind}`);
const tls = ["certfile /s.crt", "keyfile /s.key"];

describe("listeners of a mosquitto.conf", () => {
	test.each<[what: string, lines: string[], Node]>([
		["none: this machine only, everybody", [], { host: "127.0.0.1", port: 1883, access: "any", anonymous: "yes" }],
		[
			"a port: the network, nobody without user",
			["listener 1884"],
			{ host: "0.0.0.0", port: 1884, access: "any", anonymous: "no" },
		],
		["the old way", ["port 1885", "bind_address 10.0.0.1"], { host: "10.0.0.1", port: 1885, anonymous: "no" }],
		[
			"this machine by name",
			["listener 1883 localhost", "allow_anonymous true"],
			{ host: "127.0.0.1", anonymous: "yes" },
		],
		[
			"files",
			["password_file /p", "acl_file /a", "listener 1"],
			{ access: "mosquitto", passwordFile: "/p", aclFile: "/a" },
		],
		["IPv6 only", ["listener 1883", "socket_domain ipv6"], { host: "::" }],
		[
			"a plugin: nobody before there are users",
			["listener 1883", "plugin /x.so"],
			{ access: "users", anonymous: "no" },
		],
	])("%s", (_what, lines, expected) => {
		expect(brokerOf(read(...lines))).toMatchObject(expected);
	});

	test.each<[what: string, lines: string[], Node]>([
		["TLS", ["listener 8883", "cafile /ca", ...tls], { kind: "tls", tls: { certFile: "/s.crt", keyFile: "/s.key" } }],
		[
			"TLS with the name of the client's certificate as user",
			[
				"listener 8883",
				"cafile /ca",
				...tls,
				"require_certificate true",
				"use_identity_as_username true",
				"tls_version tlsv1.3",
			],
			{ tls: { caFile: "/ca", requestCert: "required", userFrom: "cn", minVersion: "TLSv1.3" } },
		],
		["WebSocket, for pages of every site", ["listener 9001", "protocol websockets"], { kind: "ws", origins: ["*"] }],
		[
			"WebSocket for one site",
			["listener 9001", "protocol websockets", "websockets_origin https://a.example"],
			{ origins: ["https://a.example"] },
		],
		["WebSocket with TLS", ["listener 9001", "protocol websockets", ...tls], { kind: "wss" }],
		["a socket file", ["listener 0 /run/m.sock"], { kind: "unix", path: "/run/m.sock" }],
		[
			"limits of its own",
			["listener 1", "max_connections 7", "accept_protocol_versions 4,5"],
			{ maxConnections: 7, protocolVersions: [4, 5] },
		],
		["a proxy", ["listener 1", "enable_proxy_protocol 2"], { proxyProtocol: { trusted: ["127.0.0.1", "::1"] } }],
	])("%s", (_what, lines, expected) => {
		expect(listenersOf(read(...lines))).toEqual([
			expect.objectContaining({
				...expected,
				...(expected.tls ? { tls: expect.objectContaining(expected.tls as object) } : {}),
			}),
		]);
	});

	test.each<[what: string, lines: string[]]>([
		["that shifts topics", ["mount_point house/"]],
		["with pre-shared keys", ["psk_hint x"]],
		["with TLS and no key", ["certfile /s.crt"]],
		["with client certificates that can't be checked", [...tls, "capath /cas", "require_certificate true"]],
		["that speaks no MQTT", ["protocol http_api"]],
	])("one %s is not opened, rather than opened for more than the file says", (_what, lines) => {
		const made = read("listener 1883", "listener 1999", ...lines);
		expect(brokerOf(made)).toMatchObject({ port: 1883 });
		expect(brokerOf(made)).not.toHaveProperty("listeners");
		expect(told(made)).toContain("2 left out");
	});

	test("with users of their own: anonymous as each says, other users not at all", () => {
		const made = read(
			...["per_listener_settings true", "listener 1883 localhost", "allow_anonymous true"],
			...["listener 1884", "password_file /p", "listener 1885", "password_file /other"],
		);
		expect(brokerOf(made)).toMatchObject({ access: "mosquitto", passwordFile: "/p", anonymous: "no" });
		expect(listenersOf(made).map(({ port, anonymous }) => [port, anonymous])).toEqual([
			[1883, true],
			[1884, false],
		]);
		expect(told(made)).toEqual(["2 changed", "6 left out", "7 left out"].filter((one) => told(made).includes(one)));
		expect(told(made)).toContain("6 left out");
	});
});

describe("the rest of a mosquitto.conf", () => {
	test("limits, durability and log", () => {
		const made = read(
			"persistence true",
			"max_queued_messages 50",
			"max_queued_bytes 0",
			"max_packet_size 10",
			"max_inflight_messages 5",
			"persistent_client_expiration 2d",
			"log_type all",
			"log_dest stdout",
		);
		expect(brokerOf(made).limits).toEqual({
			queuedMessages: 50,
			queuedBytes: 4_294_967_296,
			packetSize: 128,
			inflight: 5,
			sessionExpiryMax: 172_800,
		});
		expect(made).toMatchObject({ durable: true, config: { logLevel: "debug" } });
		expect(told(made)).toEqual(["4 changed"]);
	});

	test("each line that has no counterpart is told with its number, and no secret is shown", () => {
		const made = read("# a comment", "", "pid_file /x", "  sys_interval 5", "auth_opt_pg_password hunter2", "nonsense");
		expect(made.remarks.map(({ line, text }) => [line, text])).toEqual([
			[3, "pid_file /x"],
			[4, "sys_interval 5"],
			[5, "auth_opt_pg_password ..."],
			[6, "nonsense"],
		]);
	});
});

describe("bridges of a mosquitto.conf", () => {
	const bridge = (...lines: string[]) => read("connection cloud", "address mqtt.example", ...lines);

	test.each<[line: string, rule: object]>([
		["sensors/#", { filter: "sensors/#", direction: "out", qos: "0", localPrefix: "", remotePrefix: "" }],
		["# both 2", { filter: "#", direction: "both", qos: "2" }],
		["a in 1 l/ r/", { direction: "in", qos: "1", localPrefix: "l/", remotePrefix: "r/" }],
		['# out 0 "" r/', { localPrefix: "", remotePrefix: "r/" }],
		['"with blank/#" in', { filter: "with blank/#" }],
		['"" out 1 one two', { filter: "", localPrefix: "one", remotePrefix: "two" }],
	])("topic %s", (line, rule) => {
		expect(bridgeOf(bridge(`topic ${line}`)).rules).toEqual([expect.objectContaining(rule)]);
	});

	test.each(["x sideways", "x in 3", '"" in', "x in 0 a/# b", "", "a in 0 b c d", "a/#/b in", '"" in 0 a'])(
		"topic %s is told and left out",
		(line) => {
			const made = bridge("topic # out", `topic ${line}`);
			expect(bridgeOf(made).rules).toHaveLength(1);
			expect(told(made)).toEqual(["4 left out"]);
		},
	);

	test("with every setting that both have, and the password apart", () => {
		const made = bridge(
			...[
				"topic # out",
				"addresses b.example:8883",
				"remote_clientid me",
				"remote_username user",
				"remote_password hunter2",
			],
			...["start_type lazy", "threshold 3", "idle_timeout 9", "restart_timeout 2 40", "keepalive_interval 20"],
			...["cleansession true", "try_private false", "notifications false", "notification_topic n", "round_robin true"],
			...["notifications_local_only true", "bridge_protocol_version mqttv50", "bridge_outgoing_retain false"],
			...["bridge_attempt_unsubscribe false", "bridge_cafile /ca", "bridge_certfile /c", "bridge_keyfile /k"],
		);
		expect(told(made)).toEqual([]);
		expect(remoteOf(made)).toMatchObject({
			broker: "b.example:8883, mqtt.example:1883",
			usetls: true,
			keepalive: 20,
			reconnectMin: 2,
			reconnectMax: 40,
		});
		expect(bridgeOf(made)).toMatchObject({
			...{ name: "cloud", clientid: "me", start: "lazy", startThreshold: 3, idleTimeout: 9, cleansession: true },
			...{ tryPrivate: false, notifications: false, notificationTopic: "n", notificationsLocalOnly: true },
			...{ roundRobin: true, protocolVersion: "5", outgoingRetain: false, attemptUnsubscribe: false },
			...{ broker: brokerOf(made).id, remote: remoteOf(made).id },
		});
		expect(made.nodes.find(({ type }) => type === "tls-config")).toMatchObject({
			id: remoteOf(made).tls,
			ca: "/ca",
			cert: "/c",
			key: "/k",
		});
		expect(made.secrets).toEqual({ [String(remoteOf(made).id)]: { user: "user", password: "hunter2" } });
		expect(JSON.stringify([made.nodes, made.remarks])).not.toContain("hunter2");
	});

	test("have every property of their nodes, and no other", () => {
		const made = bridge("topic # both");
		const { id: _id, type: _type, z: _z, x: _x, y: _y, wires: _wires, ...own } = bridgeOf(made);
		expect(Object.keys(own).sort()).toEqual(Object.keys(bridgeDefaults).sort());
		expect(Object.keys((own.rules as object[])[0] as object).sort()).toEqual(Object.keys(bridgeRuleDefaults).sort());
		for (const node of [remoteOf(made), brokerOf(read("listener 1", "listener 2"))]) {
			const { id, type, ...properties } = node;
			expect({ id, type, unknown: Object.keys(properties).filter((name) => !(name in brokerDefaults)) }).toEqual({
				id,
				type,
				unknown: [],
			});
		}
	});

	test.each([
		["local_clientid x", "left out: a bridge needs no login"],
		["local_username x", "left out: a bridge needs no login"],
		["local_password x", "left out: a bridge needs no login"],
		["local_cleansession true", "left out: what is to leave always waits"],
		["start_type manual", "changed: the bridge connects at the start"],
		["restart_timeout 5 30 60", "changed: a connection has lasted when"],
		["restart_timeout often", "left out: it must be one or two numbers of seconds"],
		["restart_timeout 30 5", "left out: it must be one or two numbers of seconds"],
		["bridge_capath /ca", "left out: the CA of one file is used"],
		["bridge_insecure true", "changed: the host name in the certificate is always checked"],
		["bridge_tls_version tlsv1.3", "left out: TLS 1.2 and 1.3 are used"],
		["bridge_ciphers x", "left out: the ciphers are those of Node.js"],
		["bridge_ciphers_tls1.3 x", "left out: the ciphers are those of Node.js"],
		["bridge_require_ocsp true", "left out: the revocation of certificates is not checked"],
		["bridge_bind_address 10.0.0.1", "left out: the system chooses from which address"],
		["bridge_tcp_keepalive 1 2 3", "left out: the keep alive of MQTT finds out"],
		["bridge_tcp_user_timeout 5", "left out: the keep alive of MQTT finds out"],
		["bridge_reload_type immediate", "left out: a deploy ends the connection"],
		["bridge_max_topic_alias 5", "left out: a bridge sends every topic in full"],
		["cleansession perhaps", "left out: it must be true or false"],
		["keepalive_interval soon", "left out: it must be a number"],
	])("%s is %s", (line, answer) => {
		const [how, why] = answer.split(": ") as [string, string];
		const { remarks } = bridge("topic # out", line);
		expect(remarks).toEqual([expect.objectContaining({ line: 4, kind: how, reason: expect.stringContaining(why) })]);
	});

	test.each([
		["bridge_max_packet_size 1000", { maximumPacketSize: 1000 }],
		["bridge_receive_maximum 7", { receiveMaximum: 7 }],
		["bridge_session_expiry_interval 60", { sessionExpiry: 60 }],
		["restart_timeout 8", { reconnectMin: 8, reconnectMax: 8 }],
		["bridge_tls_use_os_certs true", { usetls: true }],
		["bridge_protocol_version mqttv31", { protocolVersion: "3" }],
		["keepalive_interval 6", { keepalive: 6 }],
	])("%s stands in the connection", (line, fields) => {
		const made = bridge("topic # out", line);
		expect([remoteOf(made), told(made)]).toMatchObject([fields, []]);
	});

	test("with a folder of authorities speaks TLS all the same", () => {
		expect(remoteOf(bridge("topic # out", "bridge_capath /ca")).usetls).toBe(true);
	});

	test("finds the port behind an IPv6 address", () => {
		const made = read("connection x", "topic # out", "address ::1:1884 [::2]:1885 pi.local 10.0.0.1:1");
		expect(remoteOf(made).broker).toBe("[::1]:1884, [::2]:1885, pi.local:1883, 10.0.0.1:1");
	});

	test("without address or topic, or with a pre-shared key, are left out", () => {
		expect(bridgeOf(bridge("try_private true"))).toBeUndefined();
		expect(bridgeOf(read("connection x", "topic # out"))).toBeUndefined();
		expect(bridgeOf(bridge("bridge_psk 1234", "topic # out"))).toBeUndefined();
	});
});
