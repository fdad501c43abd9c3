/** The table of routes: method and path, the permission that is needed, and what answers. */

import { backUpAccess, previewRestore, restoreAccess } from "../admin/backup-access";
import { backUpRetained, restoreRetained } from "../admin/backup-retained";
import { banClient, liftBan, listBans } from "../admin/bans";
import { getClient, kickClient, listClients, listHistory } from "../admin/clients";
import { getAnonymous, getDefaults, setAnonymous, setDefaults } from "../admin/defaults";
import { listDenials } from "../admin/denials";
import { exportAccess, exportMosquittoAcl } from "../admin/export";
import { addGroup, getGroup, listGroups, modifyGroup, removeGroup } from "../admin/groups";
import { listLog } from "../admin/log";
import { importMosquittoFiles, previewMosquitto } from "../admin/mosquitto";
import { publishMessage } from "../admin/publish";
import { clearRetained, listRetained } from "../admin/retained";
import { addRule, removeRule } from "../admin/rules";
import { testAccess } from "../admin/test-access";
import * as users from "../admin/users";
import { getBroker, listBrokers } from "./brokers";
import type { AnswerTo, RequestName } from "./contract";
import { type Handler, on, onAnonymous } from "./handler";
import {
	addTestSubscription,
	completeTopic,
	getTopic,
	listTestDeliveries,
	listTopics,
	removeTestSubscription,
} from "./lasting";

/** `read` sees, `write` changes. */
export type Permission = "read" | "write";

/** A request of the contract without a row here, or with another answer, does not compile. */
type Table = { readonly [Name in RequestName]: readonly [Permission, Handler<AnswerTo<Name>>] };

// biome-ignore format: one route a line
const table: Table = {
	"GET /brokers": ["read", listBrokers],
	"GET /brokers/:broker": ["read", getBroker],
	"GET /brokers/:broker/clients": ["read", on(listClients)],
	"GET /brokers/:broker/client": ["read", on(getClient)],
	"DELETE /brokers/:broker/client": ["write", on(kickClient)],
	"GET /brokers/:broker/history": ["read", on(listHistory)],
	"GET /brokers/:broker/bans": ["read", on(listBans)],
	"POST /brokers/:broker/bans": ["write", on(banClient)],
	"DELETE /brokers/:broker/bans": ["write", on(liftBan)],
	"GET /brokers/:broker/users": ["read", on(users.listUsers)],
	"POST /brokers/:broker/users": ["write", on(users.addUser)],
	"GET /brokers/:broker/users/:name": ["read", on(users.getUser)],
	"PATCH /brokers/:broker/users/:name": ["write", on(users.modifyUser)],
	"DELETE /brokers/:broker/users/:name": ["write", on(users.removeUser)],
	"PUT /brokers/:broker/users/:name/password": ["write", on(users.setPassword)],
	"POST /brokers/:broker/users/:name/enable": ["write", on(users.enableUser)],
	"POST /brokers/:broker/users/:name/disable": ["write", on(users.disableUser)],
	"POST /brokers/:broker/users/:user/rules": ["write", on(addRule)],
	"DELETE /brokers/:broker/users/:user/rules": ["write", on(removeRule)],
	"GET /brokers/:broker/groups": ["read", on(listGroups)],
	"POST /brokers/:broker/groups": ["write", on(addGroup)],
	"GET /brokers/:broker/groups/:name": ["read", on(getGroup)],
	"PATCH /brokers/:broker/groups/:name": ["write", on(modifyGroup)],
	"DELETE /brokers/:broker/groups/:name": ["write", on(removeGroup)],
	"POST /brokers/:broker/groups/:group/rules": ["write", on(addRule)],
	"DELETE /brokers/:broker/groups/:group/rules": ["write", on(removeRule)],
	"GET /brokers/:broker/defaults": ["read", on(getDefaults)],
	"PATCH /brokers/:broker/defaults": ["write", on(setDefaults)],
	"GET /brokers/:broker/anonymous": ["read", on(getAnonymous)],
	"PATCH /brokers/:broker/anonymous": ["write", on(setAnonymous)],
	"POST /brokers/:broker/anonymous/rules": ["write", onAnonymous(addRule)],
	"DELETE /brokers/:broker/anonymous/rules": ["write", onAnonymous(removeRule)],
	"GET /brokers/:broker/access-test": ["read", on(testAccess)],
	"GET /brokers/:broker/denials": ["read", on(listDenials)],
	"POST /brokers/:broker/mosquitto/preview": ["write", on(previewMosquitto)],
	"POST /brokers/:broker/mosquitto/import": ["write", on(importMosquittoFiles)],
	"GET /brokers/:broker/mosquitto/acl": ["read", on(exportMosquittoAcl)],
	"GET /brokers/:broker/access": ["read", on(exportAccess)],
	"GET /brokers/:broker/retained": ["read", on(listRetained)],
	"DELETE /brokers/:broker/retained": ["write", on(clearRetained)],
	"GET /brokers/:broker/topics": ["read", listTopics],
	"GET /brokers/:broker/topic": ["read", getTopic],
	"GET /brokers/:broker/topic-names": ["read", completeTopic],
	"GET /brokers/:broker/log": ["read", on(listLog)],
	"POST /brokers/:broker/backup/access": ["write", on(backUpAccess)],
	"POST /brokers/:broker/backup/preview": ["write", on(previewRestore)],
	"POST /brokers/:broker/backup/restore": ["write", on(restoreAccess)],
	"GET /brokers/:broker/backup/retained": ["read", on(backUpRetained)],
	"POST /brokers/:broker/backup/retained": ["write", on(restoreRetained)],
	"POST /brokers/:broker/tests": ["write", addTestSubscription],
	"GET /brokers/:broker/tests/:id": ["read", listTestDeliveries],
	"DELETE /brokers/:broker/tests/:id": ["write", removeTestSubscription],
	"POST /brokers/:broker/publish": ["write", on(publishMessage)],
};

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Route {
	readonly method: Method;
	/** With `:broker` and other parameters as Express writes them. */
	readonly path: string;
	readonly permission: Permission;
	readonly handler: Handler<unknown>;
}

export const routes: readonly Route[] = Object.entries(table).map(([name, [permission, handler]]) => {
	const [method, path] = name.split(" ") as [Method, string];
	return { method, path, permission, handler };
});
