/** Puts the secrets of a flow together from all their sources, and finds those that are missing. */

import type { FlowbrokerError } from "../../broker";
import { activeNodes } from "../check/active";
import { nameOf } from "../check/finding";
import { FlowProblem } from "../flow-problem";
import type { FlowNode, MergedFlow } from "../flows";
import { CredentialSet } from "./credential-set";
import type { GivenSecret } from "./given-secret";
import { secretsInFlow } from "./in-flow";
import { type SecretNeed, secretNeeds } from "./needs";
import { NodeKeys } from "./node-keys";
import type { NodeCredentials } from "./node-red-credentials";
import { declaredVariables, fillVariables } from "./variables";

type Flow = Pick<MergedFlow, "nodes" | "fileOf">;

/** What the sources gave, each empty where there is none. */
export interface SecretsGiven {
	/** From Node-RED's own file. */
	readonly kept: NodeCredentials;
	readonly fromFile: readonly GivenSecret[];
	readonly fromSystemd: readonly GivenSecret[];
	readonly environment: NodeJS.ProcessEnv;
}

/** The secrets of a flow. */
export interface FlowSecrets {
	/** Id of a node -> what Node-RED is to give it. */
	readonly credentials: NodeCredentials;
	/** Secrets in the file that are for no node of the flow, one sentence each. */
	readonly warnings: readonly string[];
	/** A FlowbrokerError for everything that is missing or can't be told to belong to one node. */
	readonly problems: readonly FlowbrokerError[];
	/** What nodes could have and do not. */
	readonly unmet: readonly SecretNeed[];
}

/** What stands in the flow itself counts least, then Node-RED's own file, the file of secrets, and what systemd gives. */
export function collectSecrets(flow: Flow, given: SecretsGiven): FlowSecrets {
	const collection = new Collection(flow, given.environment);
	for (const secret of secretsInFlow(flow)) collection.add(secret);
	collection.addKept(given.kept);
	const strangers = given.fromFile.filter((secret) => !collection.add(secret));
	for (const secret of given.fromSystemd) collection.add(secret);
	const unmet = collection.findUnmet();
	const warnings = strangers.map(
		({ key, from }) => `${from} has secrets for "${key}", but no node of the flow has that id or name.`,
	);
	const { credentials, problems } = collection;
	return { credentials: credentials.toObject(), warnings: [...new Set(warnings)], problems, unmet };
}

class Collection {
	readonly credentials = new CredentialSet();
	readonly problems: FlowbrokerError[] = [];
	readonly #flow: Flow;
	readonly #environment: NodeJS.ProcessEnv;
	readonly #keys: NodeKeys;
	readonly #declared: ReadonlySet<string>;
	/** Secrets about which something was said already. */
	readonly #said = new Set<string>();

	constructor(flow: Flow, environment: NodeJS.ProcessEnv) {
		this.#flow = flow;
		this.#environment = environment;
		this.#keys = new NodeKeys(flow.nodes);
		this.#declared = declaredVariables(flow.nodes);
	}

	/** @returns false: it is for no node of the flow */
	add({ key, field, value, from }: GivenSecret): boolean {
		const found = this.#keys.find(key);
		if (found.length === 0) return false;
		const [node] = found;
		if (node === undefined || found.length > 1) {
			this.#problem(
				found[0],
				field,
				`has the same name as another node, so that "${key}" in ${from} could mean ${found.map(({ id }) => id).join(" or ")}: write the id in place of the name.`,
			);
			return true;
		}
		const filled = fillVariables(value, this.#environment, this.#declared);
		if ("missing" in filled) {
			this.#problem(
				node,
				field,
				`needs the secret "${field}", for which ${from} names the environment variable ${filled.missing}, and that is not set.`,
			);
		} else if (filled.value === "") {
			this.#problem(
				node,
				field,
				`needs the secret "${field}", which is empty in ${from}. Fill it in, or remove it there.`,
			);
		} else {
			this.credentials.put(node, field, filled.value);
		}
		return true;
	}

	addKept(kept: NodeCredentials): void {
		for (const node of this.#flow.nodes) {
			const fields = kept[node.id];
			if (fields) this.credentials.putKept(node, fields);
		}
		// Merging gave the flow's global settings another id; they alone keep a map.
		const settings = this.#flow.nodes.find(({ type }) => type === "global-config");
		const map = Object.values(kept).find((fields) => typeof fields.map === "object");
		if (settings && map) this.credentials.putKept(settings, map);
	}

	/** Adds a problem for every secret that a node can't do without. @returns what nodes may do without */
	findUnmet(): SecretNeed[] {
		const unmet = secretNeeds(activeNodes(this.#flow.nodes)).filter(
			({ node, field }) => !this.credentials.has(node, field),
		);
		for (const { node, field } of unmet.filter(({ required }) => required)) {
			this.#problem(
				node,
				field,
				`needs the secret "${field}", which no export holds. Give it with --secrets FILE; "flowbroker secrets template" makes a pattern.`,
			);
		}
		return unmet.filter(({ required }) => !required);
	}

	#problem(node: FlowNode | undefined, field: string, what: string): void {
		if (node === undefined || this.#said.has(`${node.id} ${field}`)) return;
		this.#said.add(`${node.id} ${field}`);
		const file = this.#flow.fileOf.get(node.id);
		this.problems.push(new FlowProblem("SECRET_MISSING", `${file}: ${nameOf(node)} ${what}`, { file, node: node.id }));
	}
}
