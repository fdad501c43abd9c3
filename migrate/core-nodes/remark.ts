/** What a person has to know of a converted flow: nodes that stayed as they are, and nodes that do something else now. */

import type { FlowNode } from "../flow-node";

/** In the words of the command line. The editor has them in its own language, under the same keys: a test compares. */
export const remarkTexts = {
	noBroker: "It has no broker. Choose one, then convert it.",
	brokerElsewhere: "Its broker ({broker}) is not in this flow. Convert the flows together with it.",
	brokerByVariable: "Its broker is chosen by a variable, {variable}: convert all flows together.",
	unused: "Its converted copy ({copy}) is used from now on. It can be deleted.",
	copied:
		"Other nodes still use it ({types}), so it stays, and a converted copy is beside it. Both send the birth, close and will messages, where there are any.",
	copiedWithClientId:
		'Other nodes still use it ({types}), so it stays, and a converted copy is beside it. It connects with the client id "{clientId}". Both send the birth, close and will messages, where there are any.',
	placeholder: `The field "{field}" is "{text}": what stands in \${...} was plain text before, and is the name of an environment variable now.`,
	plainUrl:
		"The address {address} is one without encryption, so TLS is off, as Node-RED's own node has it. If the broker wants TLS, write mqtts:// or wss:// and turn it on.",
	unverified:
		"As before, nobody checks the certificate of the broker. Choose a TLS configuration in the broker's settings, or tick \"Check the broker's certificate\".",
	aedesTls:
		"It listens with TLS, and its certificates are kept inside Node-RED, where they can't be taken from. Make a broker with TLS in the editor (certificate and key as files), then remove this node.",
	aedesUser:
		'Its clients log in as the user "{user}". Add the user with the same password, and the right to use every topic: flowbroker user add NAME --data DIR --broker {broker}, then flowbroker rule add; or in the sidebar.',
	aedesLoginUnknown:
		'If it had a user name and a password, add that user to the new broker (id {broker}). If it had none, set "Allow clients without user name" in the new broker: until then nobody can log in from the network.',
	aedesDatabase: "It kept messages in MongoDB. The new broker keeps them in a folder of its own, and begins with none.",
	aedesOutputs:
		'What follows it gets other messages: msg.topic is "connected", "disconnected", "refused", "subscribed", "unsubscribed" or "published", msg.payload.client holds plain values, and a publication is in msg.payload.message. See the help of the events node.',
} as const satisfies Record<string, string>;

export type RemarkKey = keyof typeof remarkTexts;

/** What stands in the braces of a text. */
export type RemarkValues = Readonly<Record<string, string>>;

export interface Remark {
	/** Id of the node. */
	readonly node: string;
	readonly type: string;
	/** As the editor shows it; empty when it has none. */
	readonly name: string;
	/** `kept`: the node was not converted. `changed`: it was, and one thing is not as before. */
	readonly kind: "kept" | "changed";
	readonly key: RemarkKey;
	readonly values: RemarkValues;
	/** One or more sentences in English. */
	readonly text: string;
}

export function remark(
	{ id, type, name }: FlowNode,
	kind: Remark["kind"],
	key: RemarkKey,
	values: RemarkValues = {},
): Remark {
	const text = remarkTexts[key].replace(/\{(\w+)\}/g, (whole, field: string) => values[field] ?? whole);
	return { node: id, type, name: typeof name === "string" ? name : "", kind, key, values, text };
}
