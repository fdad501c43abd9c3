/** What the forms of the nodes use of Node-RED's editor, which is a global of its page. */

interface Failure {
	readonly responseJSON?: { readonly error?: { readonly message?: string } };
}

declare global {
	const RED: { readonly user: { hasPermission(permission: string): boolean } };
	const $: {
		(
			selector: string,
		): {
			/** A widget of Node-RED. */
			autoComplete(options: {
				readonly minLength: number;
				readonly completionPluginType: string;
				readonly context: { readonly node: object };
			}): void;
		};
		/** Carries the token of Node-RED's login. */
		ajax(options: {
			readonly url: string;
			readonly method: "POST";
			readonly contentType: "application/json";
			readonly dataType: "json";
			readonly timeout: number;
			readonly data: string;
		}): PromiseLike<unknown>;
	};
}

/** May the person let the server do something for a form? */
export function mayChange(): boolean {
	return RED.user.hasPermission("flowbroker.write") && RED.user.hasPermission("flows.write");
}

/** Milliseconds: several servers of a broker may be tried, one after the other. */
const TIMEOUT = 60_000;

/** Asks the server for something that a form needs. @throws an error with a sentence for people */
export async function ask<Answer>(path: string, body: object): Promise<Answer> {
	try {
		return (await $.ajax({
			url: `flowbroker/${path}`,
			method: "POST",
			contentType: "application/json",
			dataType: "json",
			timeout: TIMEOUT,
			data: JSON.stringify(body),
		})) as Answer;
	} catch (failure) {
		const { responseJSON } = failure as Failure;
		throw new Error(responseJSON?.error?.message ?? "Node-RED gave no answer.");
	}
}
