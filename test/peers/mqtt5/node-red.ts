/** Node-RED's own nodes `mqtt in` and `mqtt out`, with MQTT 5. */

import { type EmbeddedNodeRed, type FlowNode, type Msg, startNodeRed } from "../../helpers/embedded-node-red";
import { type Peer, sent, told } from "./actions";

const connection = (id: string, port: number, fields: object = {}): FlowNode => ({
	id,
	type: "mqtt-broker",
	broker: "127.0.0.1",
	port: String(port),
	protocolVersion: "5",
	autoConnect: true,
	keepalive: "60",
	cleansession: true,
	clientid: "",
	...fields,
});

const input = (id: string, broker: string, topic: string, fields: object = {}): FlowNode[] => [
	{
		id,
		type: "mqtt in",
		topic,
		qos: "2",
		datatype: "utf8",
		nl: false,
		rap: true,
		rh: 0,
		broker,
		wires: [[`${id}-probe`]],
		...fields,
	},
	{ id: `${id}-probe`, type: "test-probe" },
];

const output = (id: string, broker: string): FlowNode => ({
	id,
	type: "mqtt out",
	topic: "",
	qos: "",
	retain: "",
	broker,
});

function tell(message: Msg): string {
	const [user] = Object.entries((message.userProperties ?? {}) as Record<string, string>);
	return told({
		topic: String(message.topic),
		payload: String(message.payload),
		qos: Number(message.qos),
		retain: message.retain === true,
		contentType: message.contentType as string | undefined,
		responseTopic: message.responseTopic as string | undefined,
		correlationData: message.correlationData?.toString(),
		user: user?.join(":"),
		expiry: message.messageExpiryInterval as number | undefined,
	});
}

/** A will in the words of the config node. */
const willFields = {
	willTopic: "will/t",
	willQos: "1",
	willRetain: "false",
	willPayload: "gone",
	willMsg: { delay: "1", contentType: "text/plain" },
};

/** There can be one in each test file. */
export async function nodeRed(): Promise<Peer> {
	const red: EmbeddedNodeRed = await startNodeRed();

	/** Runs the flow until all its nodes are connected. */
	async function deploy(...flow: FlowNode[]): Promise<void> {
		red.clear();
		const tab: FlowNode = { id: "tab", type: "tab", label: "tab" };
		await red.deploy([tab, ...flow.map((node) => (node.type === "mqtt-broker" ? node : { ...node, z: "tab" }))]);
		for (const { id, type } of flow) if (type !== "mqtt-broker" && type !== "test-probe") await connected(id);
	}

	const connected = (id: string) => red.status(id, ({ fill }) => fill === "green");

	/** As when the network fails. */
	const cut = (id: string) => red.node<{ client: { stream: { destroy(): void } } }>(id).client.stream.destroy();

	const publish = (id: string, message: Msg) => red.send(id, message);

	/** On one connection, where what is subscribed is subscribed before anything is published. */
	async function exchange(
		port: number,
		topic: string,
		messages: readonly Msg[],
		fields: object = {},
	): Promise<string[]> {
		await deploy(connection("b", port), ...input("in", "b", topic, fields), output("out", "b"));
		for (const message of messages) publish("out", message);
		return (await red.received("in-probe", messages.length)).map(tell);
	}

	/** A retained message that shows a node's connection that what it subscribed before is subscribed. */
	async function leaveSign(port: number, topic: string): Promise<void> {
		await exchange(port, topic, [{ topic, payload: "ready", qos: 1, retain: true }]);
	}

	const takeSign = (port: number, topic: string) =>
		exchange(port, topic, [{ topic, payload: "", qos: 1, retain: true }]);

	return {
		name: "Node-RED",
		acts: {
			qos: (port) => {
				const messages = [0, 1, 2].map((qos) => ({ topic: `qos/${qos}`, payload: "x", qos }));
				return exchange(port, "qos/#", messages);
			},
			properties: (port) => {
				const { userProperty, correlationData, ...others } = sent;
				const userProperties = { [userProperty[0]]: userProperty[1] };
				const message = { ...others, correlationData: Buffer.from(correlationData), userProperties };
				return exchange(port, "properties/#", [{ topic: "properties/t", payload: "x", qos: 1, ...message }]);
			},
			retained: async (port) => {
				await leaveSign(port, "retained/t");
				await exchange(port, "retained/t", [{ topic: "retained/t", payload: "x", qos: 1, retain: true }]);
				await deploy(connection("b2", port), ...input("in", "b2", "retained/t"));
				const seen = (await red.received("in-probe", 1)).map(tell);
				await takeSign(port, "retained/t");
				return seen;
			},
			session: async (port) => {
				const lasting = { clientid: "nodered-session", cleansession: false, sessionExpiry: "600" };
				await leaveSign(port, "session/ready");
				await deploy(
					connection("b", port, lasting),
					connection("b2", port),
					...input("in", "b", "session/t", { qos: "1" }),
					...input("sign", "b", "session/ready"),
					...input("echo", "b2", "session/echo"),
					output("out", "b2"),
				);
				await red.received("sign-probe", 1);
				// Node-RED is back after some seconds.
				cut("b");
				publish("out", { topic: "session/t", payload: "x", qos: 1 });
				publish("out", { topic: "session/echo", payload: "x", qos: 1 });
				await red.received("echo-probe", 1);
				const seen = (await red.received("in-probe", 1)).map(tell);
				await takeSign(port, "session/ready");
				return seen;
			},
			shared: async (port) => {
				await leaveSign(port, "shared/ready");
				const member = (at: number) => [
					connection(`b${at}`, port),
					...input(`in${at}`, `b${at}`, "$share/g/shared/t"),
					...input(`sign${at}`, `b${at}`, "shared/ready"),
				];
				await deploy(...member(1), ...member(2), output("out", "b1"));
				await red.received("sign1-probe", 1);
				await red.received("sign2-probe", 1);
				for (let at = 0; at < 4; at++) publish("out", { topic: "shared/t", payload: `${at}`, qos: 1 });
				const all = [await red.received("in1-probe", 2), await red.received("in2-probe", 2)];
				await takeSign(port, "shared/ready");
				return all.map(({ length }) => `${length}`);
			},
			"no local": async (port) => {
				await leaveSign(port, "nolocal/ready");
				await deploy(
					connection("b", port),
					connection("other", port),
					...input("in", "b", "nolocal/t", { nl: true }),
					...input("sign", "b", "nolocal/ready"),
					output("own-out", "b"),
					output("other-out", "other"),
				);
				await red.received("sign-probe", 1);
				publish("own-out", { topic: "nolocal/t", payload: "own", qos: 1 });
				publish("other-out", { topic: "nolocal/t", payload: "other", qos: 1 });
				const seen = (await red.received("in-probe", 1)).map(tell);
				await takeSign(port, "nolocal/ready");
				return seen;
			},
			"retain as published": async (port) => {
				const seen = await exchange(port, "rap/t", [{ topic: "rap/t", payload: "x", qos: 1, retain: true }], {
					rap: true,
				});
				await takeSign(port, "rap/t");
				return seen;
			},
			will: async (port) => {
				await leaveSign(port, "will/ready");
				const lasting = { clientid: "nodered-will", cleansession: false, sessionExpiry: "600" };
				await deploy(
					connection("b", port),
					connection("lost", port, { ...lasting, ...willFields }),
					...input("in", "b", "will/t"),
					...input("sign", "b", "will/ready"),
					...input("elsewhere", "lost", "will/elsewhere"),
				);
				await red.received("sign-probe", 1);
				// It connects again after some seconds: later than the will's delay.
				cut("lost");
				const seen = (await red.received("in-probe", 1)).map(tell);
				await takeSign(port, "will/ready");
				return seen;
			},
		},
		stop: () => red.stop(),
	};
}
