/** Chooses whose rights count for a test. */

import { ApiError } from "../../api";
import type { PageContext } from "../../page";
import { field, select, setChoices } from "../../widgets/form";

/** No user name starts with a blank. */
const FLOW = " flow";
const NOBODY = " nobody";

export interface AsUser {
	readonly element: HTMLElement;
	/** For a request: nothing for the flow. */
	chosen(): { readonly user?: string | null };
	/** @param names `undefined` for a broker that keeps no users */
	show(names: readonly string[] | undefined): void;
}

export function asUser({ t }: PageContext): AsUser {
	const control = select([[FLOW, t("test.flow")]]);
	return {
		element: field(t("test.user"), control),
		chosen: () => {
			if (control.value === FLOW) return {};
			return { user: control.value === NOBODY ? null : control.value };
		},
		show: (names) => {
			const users = names?.map((name) => [name, name] as const) ?? [];
			const nobody = names ? [[NOBODY, t("clients.nobody")] as const] : [];
			setChoices(control, [[FLOW, t("test.flow")], ...users, ...nobody]);
		},
	};
}

/** `undefined` for a broker that keeps no users. */
export async function userNames({ call }: PageContext): Promise<string[] | undefined> {
	try {
		return (await call("GET /brokers/:broker/users", {})).map(({ name }) => name);
	} catch (error) {
		if (error instanceof ApiError && error.code === "USERS_ELSEWHERE") return undefined;
		throw error;
	}
}
