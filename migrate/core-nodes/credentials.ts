/** The passwords of converted nodes. A node that keeps its id keeps its credentials: only copies need them anew. */

/** Id of a node -> its credentials. */
export type NodeCredentials = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** @param copies id of the node that was copied -> id of its copy */
export function copyCredentials(credentials: NodeCredentials, copies: ReadonlyMap<string, string>): NodeCredentials {
	const added = [...copies].flatMap(([from, to]) => {
		const held = Object.hasOwn(credentials, from) ? credentials[from] : undefined;
		return held ? [[to, { ...held }] as const] : [];
	});
	return { ...credentials, ...Object.fromEntries(added) };
}
