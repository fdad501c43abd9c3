import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startBroker, type TestBroker } from "../helpers/broker";
import { freePort } from "../helpers/free-port";
import { connect } from "../helpers/mqtt-client";
import { Workshop } from "../runtime/flowbroker-process";

const page = readFileSync(join(__dirname, "../../docs/migrating.md"), "utf8");

/** Made by mosquitto_passwd of Mosquitto 2.0.11 for the password `s3cret!`. */
const passwd =
	"bob:$7$101$UPTOv/WUASbW0sn9$jTS8kt7FHHN/x+FzF2/ldeBWuyKe3VPxooMqfqOPF2b90IqNLDBIaBeB+wnzeWKqB3Meb4AKVY6LwKZWKmw51g==\n";

interface Part {
	readonly title: string;
	readonly commands: readonly string[];
}

const parts: Part[] = page
	.split(/^## /m)
	.slice(1)
	.map((part) => ({
		title: part.slice(0, part.indexOf("\n")),
		commands: [...part.matchAll(/^```sh\n([\s\S]*?)\n```$/gm)].map(([, command]) => command as string),
	}));

describe("the commands of docs/migrating.md, one after the other", () => {
	let workshop: Workshop;
	let broker: TestBroker;
	let port: number;

	beforeAll(async () => {
		workshop = new Workshop();
		broker = await startBroker();
		port = await freePort();
		const place = { z: "tab", x: 1, y: 1 };
		workshop.write("cwd/flows.json", [
			{ id: "tab", type: "tab", label: "Home" },
			{ id: "b", type: "mqtt-broker", name: "Home", broker: "127.0.0.1", port: String(broker.port) },
			{ ...place, id: "i", type: "mqtt in", name: "", topic: "question", qos: "1", broker: "b", wires: [["o"]] },
			{ ...place, id: "o", type: "mqtt out", name: "", topic: "answer", qos: "1", broker: "b", wires: [] },
		]);
		workshop.write("cwd/aedes.json", [
			{ id: "tab", type: "tab", label: "Garden" },
			{ ...place, id: "a1b2c3", type: "aedes broker", name: "", mqtt_port: port, wires: [[], []] },
		]);
		chmodSync(workshop.write("cwd/flows_cred.json", { b: { user: "flow", password: "pw" } }), 0o600);
		const conf = ["# A house", "", "pid_file /run/mosquitto.pid", `listener ${port} 127.0.0.1`];
		workshop.write("cwd/mosquitto.conf", [...conf, "password_file passwd", "acl_file acl", ""].join("\n"));
		workshop.write("cwd/passwd", passwd);
		workshop.write("cwd/acl", "user bob\ntopic readwrite #\n");
	});
	afterAll(async () => {
		await workshop.remove();
		await broker.broker.stop();
	});

	test("are there for each of the three", () => {
		expect(parts.map(({ title, commands }) => [title, commands.length > 0])).toEqual([
			["From Node-RED's own MQTT nodes", true],
			["From node-red-contrib-aedes", true],
			["From Mosquitto", true],
		]);
	});

	/** What shows that the flow of a part runs. */
	const proofs: Readonly<Record<string, () => Promise<unknown>>> = {
		"From Node-RED's own MQTT nodes": async () => {
			const client = await connect(broker.url);
			await client.mqtt.subscribeAsync("answer");
			await client.mqtt.publishAsync("question", "hello", { qos: 1 });
			expect((await client.next()).text).toBe("hello");
			await client.close();
		},
		"From node-red-contrib-aedes": () =>
			expect(connect(`mqtt://127.0.0.1:${port}`, { username: "x" })).rejects.toThrow(),
		"From Mosquitto": async () => {
			const client = await connect(`mqtt://127.0.0.1:${port}`, { username: "bob", password: "s3cret!" });
			await client.close();
		},
	};

	test.each(parts)("$title", async ({ title, commands }) => {
		for (const command of commands) {
			const [program, ...args] = command.split(" ").map((word) => word.replaceAll("'", ""));
			expect(program).toBe("flowbroker");
			const running = workshop.startReal(args);
			if (args[0] !== "run") {
				const { code, stderr } = await running.outcome();
				expect({ command, code, stderr: code === 0 ? "" : stderr }).toEqual({ command, code: 0, stderr: "" });
				if (args[0] === "import") expect(page).toContain(`\n${stderr.split("\n")[0]}\n`);
				continue;
			}
			await running.sees("is running");
			if (title === "From Node-RED's own MQTT nodes") await subscribed(broker);
			await proofs[title]?.();
			await running.stop();
		}
	});
});

async function subscribed({ broker }: TestBroker): Promise<void> {
	const isThere = () => broker.clients().some(({ subscriptions }) => subscriptions.length > 0);
	while (!isThere()) await new Promise((resolve) => broker.events.once("subscribed", resolve));
}
