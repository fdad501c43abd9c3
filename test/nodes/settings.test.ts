import { describe, expect, test } from "@jest/globals";
import { brokerOptionsOf } from "../../nodes/broker/broker-options";
import { Fields } from "../../nodes/broker/fields";
import { brokerDefaults } from "../../nodes/broker/properties";
import { fillIn } from "../../nodes/environment";
import { RepeatFilter } from "../../nodes/in/repeat-filter";
import { subscriptionRequest } from "../../nodes/in/subscription-request";

describe("the settings of the broker node", () => {
	const options = (changes: Record<string, unknown>, folder?: string) =>
		brokerOptionsOf(new Fields({ ...brokerDefaults, ...changes }, () => undefined), {
			folder,
			tlsOf: (id) => ({ cert: `cert of ${id}`, key: `key of ${id}`, rejectUnauthorized: true }),
		});

	test("refuse a password in the address of Redis, unless it comes by a variable", () => {
		const redisUrl = "redis://:hidden@127.0.0.1/0";
		expect(() => options({ redisUrl })).toThrow(/must hold no password/);
		expect(() => options({ redisUrl })).not.toThrow(/hidden/);
		const fields = new Fields({ ...brokerDefaults, redisUrl }, () => undefined);
		const surroundings = {
			folder: undefined,
			tlsOf: () => ({ rejectUnauthorized: true }),
			// biome-ignore lint/suspicious/noTemplateCurlyInString: as the flow file has it
			written: () => "${REDIS_URL}",
		};
		expect(brokerOptionsOf(fields, surroundings).store).toMatchObject({ kind: "redis", url: redisUrl });
	});

	test("let in clients without user name only while nobody else in the network can connect", () => {
		expect(options({})).toMatchObject({ listeners: [{ host: "127.0.0.1", port: 1883 }], anonymous: true });
		expect(options({ host: "0.0.0.0" }).anonymous).toBe(false);
		expect(options({ host: "0.0.0.0", anonymous: "yes" }).anonymous).toBe(true);
		expect(options({ anonymous: "no" }).anonymous).toBe(false);
	});

	test("may have the port as text, or none", () => {
		expect(options({ port: " 1884 " }).listeners[0]?.port).toBe(1884);
		expect(options({ port: "" }).listeners[0]?.port).toBe(1883);
		expect(options({ kind: undefined, host: "" }).listeners[0]?.host).toBe("127.0.0.1");
	});

	test("add listeners for TLS and WebSocket where they have a port, with files or a TLS configuration", () => {
		const files = { certFile: "/c.pem", keyFile: "/k.pem", caFile: "/ca.pem", clientCert: "required", certUser: "cn" };
		const { listeners } = options({ tlsPort: 8883, wsPort: "8083", ...files });
		expect(listeners).toMatchObject([
			{ kind: "tcp", port: 1883 },
			{
				kind: "tls",
				port: 8883,
				tls: { certFile: "/c.pem", keyFile: "/k.pem", caFile: "/ca.pem", requestCert: "required", userFrom: "cn" },
			},
			{ kind: "ws", port: 8083 },
		]);
		expect(options({ wssPort: 8084, serverTls: "t1" }).listeners[1]).toMatchObject({
			kind: "wss",
			tls: { cert: "cert of t1", key: "key of t1", requestCert: "none" },
		});
	});

	test("keep what must survive on the disk, as safe as it is said", () => {
		expect(options({}, "/data").store).toEqual({ kind: "disk", folder: "/data/store", durability: "interval" });
		expect(options({ durability: "each" }, "/data").store).toMatchObject({ durability: "each" });
		// An older flow does not say.
		expect(options({ durability: undefined, limits: undefined }, "/data").store).toMatchObject({ kind: "disk" });
		expect(options({ durability: "each" }).store).toEqual({ kind: "memory" });
	});

	test("take limits as numbers, texts and variables; what is not said is as usual", () => {
		// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		const limits = { packetSize: 2_048, connections: "20", queuedMessages: "${QUEUE:-7}", queueDrops: "oldest" };
		expect(options({ limits }).limits).toEqual({
			...options({}).limits,
			packetSize: 2_048,
			connections: 20,
			queuedMessages: 7,
			queueDrops: "oldest",
		});
	});

	test.each([
		[{ tlsPort: 8883 }, 'The field "certFile"'],
		[{ tlsPort: 8883, certFile: "/c.pem" }, 'The field "keyFile"'],
		[{ wssPort: "many" }, 'The field "wssPort"'],
		[{ tlsPort: 8883, certFile: "/c", keyFile: "/k", clientCert: "perhaps" }, 'The field "clientCert"'],
	])("refuse listeners that can't be: %j", (changes, sentence) => {
		expect(() => options(changes)).toThrow(sentence);
	});

	test("take a default from behind :- where a variable is not set", () => {
		// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		expect(options({ port: "${MQTT_PORT:-1885}" }).listeners[0]?.port).toBe(1885);
	});

	test("keep users and rules in the broker's folder, or in Mosquitto's own files", () => {
		expect(options({}).access).toEqual({ kind: "open" });
		expect(options({}, "/data/broker").access).toEqual({ kind: "users", file: "/data/broker/access.json" });
		const files = { passwordFile: "/etc/passwd.txt", aclFile: "" };
		expect(options({ access: "mosquitto", ...files }).access).toEqual({
			kind: "mosquitto",
			passwordFile: "/etc/passwd.txt",
		});
	});

	test.each([
		[{ access: "mosquitto" }, "passwordFile"],
		[{ access: "ldap" }, "must be users, mosquitto or any"],
		[{ port: "MQTT" }, 'The field "port" of the broker must be a whole number from 0 to 65535; it is "MQTT"'],
		[{ port: 65_536 }, "must be a whole number from 0 to 65535"],
		[{ port: 18.83 }, "must be a whole number from 0 to 65535"],
		// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		[{ port: "${MQTT_PORT}" }, 'The environment variable MQTT_PORT in the field "port"'],
		[{ anonymous: "maybe" }, "must be auto, yes or no"],
		[{ durability: "always" }, "must be each, interval or none"],
		[{ limits: [] }, 'The field "limits"'],
		[{ limits: { packetSize: 1 } }, "limits.packetSize"],
		[{ limits: { packets: 1 } }, "limits.packets"],
	])("are refused with the field and the remedy: %p", (changes, sentence) => {
		expect(() => options(changes)).toThrow(sentence);
	});
});

describe("environment variables inside of a text", () => {
	const lookup = (name: string) => ({ ROOM: "kitchen", FLOOR: 1, EMPTY: "" })[name];

	test("are filled in, several and those that are empty too", () => {
		// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		expect(fillIn("home/${FLOOR}/${ROOM}${EMPTY}/light", "topic", lookup)).toBe("home/1/kitchen/light");
		expect(fillIn("home/$ROOM/{ROOM}", "topic", lookup)).toBe("home/$ROOM/{ROOM}");
	});

	test("have a default behind :- for those that are not set or empty", () => {
		// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		expect(fillIn("${ROOM:-hall}/${GARDEN:-no garden}/${EMPTY:-x}", "topic", lookup)).toBe("kitchen/no garden/x");
	});

	test("are an error that names them when they are not set", () => {
		// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		expect(() => fillIn("home/${GARDEN}", "topic", lookup)).toThrow("The environment variable GARDEN in the topic");
	});
});

describe("a subscription request", () => {
	const otherwise = { rap: true, datatype: "auto-detect" } as const;

	test("reads options as numbers, texts and booleans, and has defaults for the others", () => {
		const raw = { topic: "a/#", qos: "1", nl: "true", rap: false, rh: "2", datatype: "json" };
		expect(subscriptionRequest(raw, otherwise)).toEqual({
			topic: "a/#",
			qos: 1,
			nl: true,
			rap: false,
			rh: 2,
			datatype: "json",
		});
		expect(subscriptionRequest({ topic: "a", qos: 9, rh: "x", datatype: "y" }, otherwise)).toEqual({
			topic: "a",
			qos: 2,
			nl: false,
			rap: true,
			rh: 0,
			datatype: "auto-detect",
		});
	});

	test.each([["a/#/b"], [""], [undefined], [7]])("is refused for the topic %p", (topic) => {
		expect(() => subscriptionRequest({ topic }, otherwise)).toThrow(
			expect.objectContaining({ code: "FILTER_INVALID" }),
		);
	});
});

describe("the filter for repeats", () => {
	const publication = { topic: "a/b", payload: Buffer.from("1") };

	test("finds the second filter of a publication, also when other publications came between", () => {
		const repeats = new RepeatFilter();
		expect(repeats.isRepeat("a/#", publication)).toBe(false);
		expect(repeats.isRepeat("a/#", { ...publication, payload: Buffer.from("2") })).toBe(false);
		expect(repeats.isRepeat("a/+", publication)).toBe(true);
	});

	test("lets pass the same bytes when they are published again", () => {
		const repeats = new RepeatFilter();
		const passed = ["a/#", "a/+", "a/#", "a/+"].filter((filter) => !repeats.isRepeat(filter, publication));
		expect(passed).toEqual(["a/#", "a/#"]);
	});
});
