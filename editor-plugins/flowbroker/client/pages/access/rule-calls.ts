/** Adds and removes rules, whoever they belong to. */

import type { Rule } from "../../../../../broker/http/contract";
import type { BrokerCall } from "../../api";

export type RuleOwner =
	| { readonly kind: "user"; readonly user: string }
	| { readonly kind: "group"; readonly group: string }
	| { readonly kind: "anonymous" };

export async function addRule(call: BrokerCall, owner: RuleOwner, rule: Rule): Promise<void> {
	switch (owner.kind) {
		case "user":
			await call("POST /brokers/:broker/users/:user/rules", { user: owner.user, ...rule });
			break;
		case "group":
			await call("POST /brokers/:broker/groups/:group/rules", { group: owner.group, ...rule });
			break;
		case "anonymous":
			await call("POST /brokers/:broker/anonymous/rules", rule);
	}
}

export async function removeRule(call: BrokerCall, owner: RuleOwner, rule: Rule): Promise<void> {
	switch (owner.kind) {
		case "user":
			await call("DELETE /brokers/:broker/users/:user/rules", { user: owner.user, ...rule });
			break;
		case "group":
			await call("DELETE /brokers/:broker/groups/:group/rules", { group: owner.group, ...rule });
			break;
		case "anonymous":
			await call("DELETE /brokers/:broker/anonymous/rules", rule);
	}
}
