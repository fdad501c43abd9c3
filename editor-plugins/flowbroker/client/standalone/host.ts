/**
 * What the pages use of Node-RED's editor, for a page that has none. The bundler puts these two in the place of the
 * editor's globals `RED` and `$`: the pages themselves are the same.
 */

import { notify } from "./notify";
import { session } from "./session";

interface AjaxOptions {
	readonly url: string;
	readonly method: string;
	readonly data?: string;
	readonly contentType?: string;
	readonly timeout: number;
}

/** Who has the token may change users and permissions; there is no flow here to change. */
const permissions = new Set(["flowbroker.read", "flowbroker.write"]);

const host = {
	user: { hasPermission: (permission: string) => permissions.has(permission) },
	popover: {
		tooltip: (target: { readonly element: HTMLElement }, text: string) => {
			target.element.title = text;
		},
	},
	/** No node is at hand: settings are the flow file's. */
	nodes: { node: () => null },
	notify,
};

/** Rejects as jQuery does, with the status and what was answered. */
async function ajax({ url, method, data, contentType, timeout }: AjaxOptions): Promise<unknown> {
	const headers = { ...session.headers(), ...(contentType !== undefined && { "Content-Type": contentType }) };
	const signal = AbortSignal.timeout(timeout);
	let response: Response;
	try {
		response = await fetch(url, { method, headers, signal, ...(data !== undefined && { body: data }) });
	} catch {
		throw { status: 0 };
	}
	const responseJSON: unknown = await response.json().catch(() => undefined);
	if (response.ok) return responseJSON;
	if (response.status === 401) session.end();
	throw { status: response.status, responseJSON };
}

export { host as RED };

export const $ = Object.assign((element: HTMLElement) => ({ element }), { ajax });
