/** Checks the topics and topic filters of MQTT nodes, ours and Node-RED's own. Pure. */

import { isTopicName, whyNotFilter } from "../../broker";
import type { FlowNode } from "../flows";
import { activeNodes, isFromEnvironment } from "./active";
import { type Finding, type Flow, finding } from "./finding";

/** Says something for every topic that no broker accepts. One that the environment completes is left alone. */
export function checkTopics(flow: Flow): Finding[] {
	return activeNodes(flow.nodes).flatMap((node) => {
		const topic = node.topic ?? "";
		if (typeof topic !== "string" || isFromEnvironment(topic)) return [];
		if (node.type === "flowbroker-in" || node.type === "mqtt in") return checkFilter(flow, node, topic);
		if (node.type === "flowbroker-out" || node.type === "flowbroker-request" || node.type === "mqtt out")
			return checkName(flow, node, topic);
		return [];
	});
}

function checkFilter(flow: Flow, node: FlowNode, topic: string): Finding[] {
	// Messages say what to subscribe to.
	if (Number(node.inputs ?? 0) > 0 || node.topicType === "dynamic") return [];
	const why = whyNotFilter(topic);
	if (!why) return [];
	const what = `can't subscribe to the topic "${topic}": ${why}. Correct the topic in the editor.`;
	return [finding(flow, "error", "FILTER_INVALID", node, what)];
}

function checkName(flow: Flow, node: FlowNode, topic: string): Finding[] {
	// An empty one is left to the message.
	if (topic === "" || isTopicName(topic)) return [];
	const what = `can't publish to the topic "${topic}": it must have no + and no #. Correct the topic in the editor.`;
	return [finding(flow, "error", "TOPIC_INVALID", node, what)];
}
