/** What the sections about permissions show. */

import type { Anonymous, Defaults, Group, UserView } from "../../../../../broker/http/contract";
import type { BrokerCall } from "../../api";

export interface AccessData {
	readonly users: readonly UserView[];
	readonly groups: readonly Group[];
	readonly anonymous: Anonymous;
	readonly defaults: Defaults;
}

export interface Section<Data> {
	readonly element: HTMLElement;
	show(data: Data): void;
}

/** All at the same moment. Rejects with USERS_ELSEWHERE for a broker that keeps no users. */
export async function readAccess(call: BrokerCall): Promise<AccessData> {
	const { users, groups, anonymous, defaults } = await call("GET /brokers/:broker/access", {});
	return { users, groups, anonymous, defaults };
}
