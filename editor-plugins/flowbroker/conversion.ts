/** Converts nodes for the editor. Passwords of brokers that are copied move here: the browser never has them. */

import type { NodeAPI } from "node-red";
import { FlowbrokerError } from "../../broker";
import type { AdminRequest, Route } from "../../broker/http";
import type { ConvertAnswer, ConvertRequest, FlowNode, NodeCredentials } from "../../migrate";

/** Those whose logins a conversion needs. */
const brokerTypes = new Set(["mqtt-broker", "aedes broker"]);

type Nodes = Pick<NodeAPI["nodes"], "eachNode" | "getCredentials" | "addCredentials">;

export function conversionRoute({ nodes }: { readonly nodes: Nodes }): Route {
	return { method: "POST", path: "/convert", permission: "write", handler: ({ args }) => convert(nodes, args) };
}

/** @throws FlowbrokerError CONVERSION_INVALID */
function convert(runtime: Nodes, args: AdminRequest["args"]): ConvertAnswer {
	// Only here: most never convert anything.
	const { convertFlow } = require("../../migrate") as typeof import("../../migrate");
	const { nodes, only } = parseRequest(args);
	const conversion = convertFlow(nodes, {
		...(only && { only: new Set(only) }),
		credentialsOf: (id) => held(runtime, id),
	});
	for (const [from, to] of conversion.copies) copyLogin(runtime, from, to);
	return {
		converted: conversion.converted.length,
		replaced: conversion.nodes.slice(0, nodes.length).filter((node, at) => node !== nodes[at]),
		added: conversion.nodes.slice(nodes.length),
		copies: Object.fromEntries(conversion.copies),
		remarks: conversion.remarks,
	};
}

function copyLogin(runtime: Nodes, from: string, to: string): void {
	const { user, password } = held(runtime, from) ?? {};
	if (user === undefined && password === undefined) return;
	runtime.addCredentials(to, { ...(user !== undefined && { user }), ...(password !== undefined && { password }) });
}

/** Only of a node that is deployed as a broker: what the editor says a node is, is not believed. */
function held(runtime: Nodes, id: string): NodeCredentials[string] | undefined {
	let isBroker = false;
	runtime.eachNode((node) => {
		isBroker ||= node.id === id && brokerTypes.has(node.type);
	});
	// Undefined for a node that was never deployed, whatever the types say.
	const credentials: unknown = isBroker ? runtime.getCredentials(id) : undefined;
	return typeof credentials === "object" && credentials !== null ? { ...credentials } : undefined;
}

function parseRequest({ nodes, only }: AdminRequest["args"]): ConvertRequest {
	if (!Array.isArray(nodes) || !nodes.every(isNode))
		throw invalid("nodes must be a list of nodes, each with id and type");
	if (only === undefined) return { nodes };
	if (!Array.isArray(only) || !only.every((id) => typeof id === "string")) throw invalid("only must be a list of ids");
	return { nodes, only };
}

function isNode(value: unknown): value is FlowNode {
	if (typeof value !== "object" || value === null) return false;
	const { id, type } = value as { id?: unknown; type?: unknown };
	return typeof id === "string" && typeof type === "string";
}

function invalid(problem: string): FlowbrokerError {
	return new FlowbrokerError("CONVERSION_INVALID", `The nodes can't be converted: ${problem}.`);
}
