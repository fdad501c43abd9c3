/** Runtime half of the plugin: mounts the admin API in Node-RED's own, behind Node-RED's login. */

import type { NodeAPI } from "node-red";
import { type AdminBroker, createAdminRouter } from "../../broker/http";
import { runningBrokers } from "./running-brokers";

export = (RED: NodeAPI): void => {
	RED.plugins.registerPlugin("flowbroker", {
		type: "flowbroker",
		onadd() {
			// Without editor and admin API, Node-RED has only a stand-in that can't mount anything.
			if (typeof RED.httpAdmin?.use !== "function") return;
			const router = createAdminRouter({
				brokers: (): Iterable<AdminBroker> => runningBrokers(RED),
				authorise: (permission) => RED.auth.needsPermission(`flowbroker.${permission}`),
				onFault: (error) => RED.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error)),
			});
			RED.httpAdmin.use("/flowbroker", router);
		},
	});
};
