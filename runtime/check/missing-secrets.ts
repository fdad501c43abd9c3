/** Tells which secrets a flow has not got. Pure. */

import type { FlowSecrets } from "../secrets/collect";
import { type Finding, type Flow, finding, findingOf } from "./finding";

/** A warning and not an error: where a flow is checked, its secrets often are not. `run` refuses to start it. */
export function checkSecrets(flow: Flow, { problems, warnings, unmet }: FlowSecrets): Finding[] {
	const nodes = [...new Set(unmet.map(({ node }) => node))];
	return [
		...problems.map((problem): Finding => ({ ...findingOf(problem), severity: "warning" })),
		...warnings.map((message): Finding => ({ severity: "warning", code: "SECRETS_INVALID", message })),
		...nodes.map((node) => {
			const fields = unmet.filter((need) => need.node === node).map(({ field }) => `"${field}"`);
			const what = `has no ${fields.join(" and ")}: an export never holds them. Give them with --secrets FILE if it needs them.`;
			return finding(flow, "note", "SECRET_POSSIBLE", node, what);
		}),
	];
}
