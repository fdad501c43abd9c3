/** mosquitto_pub and mosquitto_sub. */

import { findProgram, type PeerProgram, run, start } from "../../helpers/peer-program";
import { type Peer, type Seen, sent, told } from "./actions";

/** All that mosquitto_sub can tell, with a character between that no test sends. */
const FORMAT = ["%t", "%p", "%q", "%r", "%C", "%R", "%D", "%P", "%E"].join("|");

function tell(line: string): string {
	const [topic = "", payload = "", qos, retain, contentType, responseTopic, correlationData, user, expiry] =
		line.split("|");
	return told({
		topic,
		payload,
		qos: Number(qos),
		retain: retain === "1",
		contentType,
		responseTopic,
		correlationData,
		user,
		expiry: Number(expiry),
	});
}

export function mosquittoTools(): Peer {
	const pub = findProgram("mosquitto_pub");
	const sub = findProgram("mosquitto_sub");
	const running: PeerProgram[] = [];

	const base = (port: number) => ["-V", "mqttv5", "-p", String(port)];

	async function publish(port: number, topic: string, payload: string, ...args: string[]): Promise<void> {
		const { code, stderr } = await run(pub, [...base(port), "-t", topic, "-m", payload, "-q", "1", ...args]);
		if (code !== 0) throw new Error(`mosquitto_pub: ${stderr}`);
	}

	/** A subscriber that has its SUBACK. */
	async function subscribe(port: number, count: number, ...args: string[]): Promise<PeerProgram> {
		const common = [...base(port), "-d", "-q", "2", "-C", String(count), "-W", "20", "-F", FORMAT];
		const program = start("stdbuf", ["-oL", sub, ...common, ...args]);
		running.push(program);
		await program.line((line) => line.startsWith("Subscribed "));
		return program;
	}

	async function seen(program: PeerProgram): Promise<Seen> {
		const { stdout } = await program.ended;
		return stdout
			.split("\n")
			.filter((line) => line.includes("|"))
			.map(tell);
	}

	return {
		name: "mosquitto_pub and mosquitto_sub",
		acts: {
			qos: async (port) => {
				const client = await subscribe(port, 3, "-t", "qos/#");
				for (const qos of ["0", "1", "2"]) await publish(port, `qos/${qos}`, "x", "-q", qos);
				return seen(client);
			},
			properties: async (port) => {
				const client = await subscribe(port, 1, "-t", "properties/#");
				await publish(
					port,
					"properties/t",
					"x",
					...["-D", "publish", "content-type", sent.contentType],
					...["-D", "publish", "response-topic", sent.responseTopic],
					...["-D", "publish", "correlation-data", sent.correlationData],
					...["-D", "publish", "user-property", ...sent.userProperty],
					...["-D", "publish", "message-expiry-interval", String(sent.messageExpiryInterval)],
				);
				return seen(client);
			},
			retained: async (port) => {
				await publish(port, "retained/t", "x", "-r");
				const client = await subscribe(port, 1, "-t", "retained/t");
				const lines = await seen(client);
				await publish(port, "retained/t", "", "-r");
				return lines;
			},
			session: async (port) => {
				const lasting = ["-i", "tools-session", "-c", "-x", "600", "-t", "session/t", "-q", "1"];
				const first = await subscribe(port, 1, ...lasting);
				// SIGTERM makes it disconnect as MQTT says.
				await first.kill();
				await publish(port, "session/t", "x");
				const again = start(sub, [...base(port), "-d", "-C", "1", "-W", "20", "-F", FORMAT, ...lasting]);
				running.push(again);
				return seen(again);
			},
			shared: async (port) => {
				const args = ["-t", "$share/g/shared/t"];
				const members = [await subscribe(port, 2, ...args), await subscribe(port, 2, ...args)];
				for (let at = 0; at < 4; at++) await publish(port, "shared/t", `${at}`);
				const counts: string[] = [];
				for (const member of members) counts.push(`${(await seen(member)).length}`);
				return counts;
			},
			"retain as published": async (port) => {
				const client = await subscribe(port, 1, "-t", "rap/t", "--retain-as-published");
				await publish(port, "rap/t", "x", "-r");
				const lines = await seen(client);
				await publish(port, "rap/t", "", "-r");
				return lines;
			},
			will: async (port) => {
				const client = await subscribe(port, 1, "-t", "will/t");
				const will = ["--will-topic", "will/t", "--will-payload", "gone", "--will-qos", "1"];
				const properties = ["-D", "will", "will-delay-interval", "1", "-D", "will", "content-type", "text/plain"];
				const session = ["-i", "tools-will", "-c", "-x", "600", "-t", "elsewhere"];
				const lost = await subscribe(port, 1, ...session, ...will, ...properties);
				await lost.kill("SIGKILL");
				return seen(client);
			},
			alias: async (port) => {
				const client = await subscribe(port, 3, "-t", "alias/t");
				for (const text of ["1", "2", "3"]) {
					await publish(port, "alias/t", text, "-D", "publish", "topic-alias", "4");
				}
				return seen(client);
			},
		},
		stop: async () => {
			for (const program of running.splice(0)) if (program.process.exitCode === null) await program.kill("SIGKILL");
		},
	};
}
