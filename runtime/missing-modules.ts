/** Checks that the npm packages are there that the Function nodes of a flow use. */

import { FlowbrokerError } from "../broker";
import { errorText } from "./error-text";
import type { FlowNode } from "./flows";
import type { NodeRedRegistry } from "./node-red";

/** A package that could not be loaded. */
export interface MissingModule {
	readonly module: string;
	readonly error: string;
}

/** Asks Node-RED before it has stopped anything for the flow. @throws FlowbrokerError FLOW_NOT_STARTED */
export async function checkModules(registry: NodeRedRegistry, nodes: readonly FlowNode[]): Promise<void> {
	try {
		await registry.checkFlowDependencies(nodes);
	} catch (errors) {
		if (!Array.isArray(errors)) throw errors;
		throw missingModules(
			errors.map(({ module, error }) => ({ module: module.module, error: error.code ?? errorText(error) })),
		);
	}
}

/** @returns the error, to be thrown by the caller */
export function missingModules(modules: readonly MissingModule[]): FlowbrokerError {
	const names = modules.map(({ module, error }) => `${module} (${error})`).join(", ");
	return new FlowbrokerError(
		"FLOW_NOT_STARTED",
		`Node-RED did not start the flow: its Function nodes need npm packages that could not be loaded: ${names}. Install them in a folder, and name that folder with --data.`,
	);
}
