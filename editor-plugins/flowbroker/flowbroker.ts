/** Runtime half of the plugin: mounts the admin API in Node-RED's own, behind Node-RED's login. */

import type { NodeAPI } from "node-red";
import { certificateRoutes } from "./certificates";
import { connectionTestRoute } from "./connection-test";
import { conversionRoute } from "./conversion";
import { runningBrokers } from "./running-brokers";

/**
 * Requests that do as a deployed flow does, or prepare one: they fill in environment variables, reach other machines, write
 * files, and hand logins from node to node. Who may not deploy may not do that here either.
 */
const ofFlows = ["/test-connection", "/certificates", "/convert"];

export = (RED: NodeAPI): void => {
	RED.plugins.registerPlugin("flowbroker", {
		type: "flowbroker",
		onadd() {
			if (!hasAdminApi(RED)) return;
			// Only here: a headless runtime, which needs none of it, would load Express and 8 MB for nothing.
			const { createAdminRouter } = require("../../broker/http") as typeof import("../../broker/http");
			const router = createAdminRouter({
				brokers: () => runningBrokers(RED),
				authorise: (permission) => RED.auth.needsPermission(`flowbroker.${permission}`),
				more: [conversionRoute(RED), connectionTestRoute(RED), ...certificateRoutes(RED)],
				onFault: (error) => RED.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error)),
			});
			for (const path of ofFlows) RED.httpAdmin.use(`/flowbroker${path}`, RED.auth.needsPermission("flows.write"));
			RED.httpAdmin.use("/flowbroker", router);
		},
	});
};

/** A headless runtime has an app that is served nowhere, or a stand-in that can't mount anything. */
function hasAdminApi({ settings, httpAdmin }: NodeAPI): boolean {
	const { httpAdminRoot }: { httpAdminRoot?: unknown } = settings;
	return httpAdminRoot !== false && typeof httpAdmin?.use === "function";
}
