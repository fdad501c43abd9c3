/** `flowbroker rule`: who may publish and receive what. */

import type { CommandGroup } from "../command-group";
import { addRule } from "./rule/add";
import { listRules } from "./rule/list";
import { removeRule } from "./rule/remove";
import { testRules } from "./rule/test";

export const rule: CommandGroup = {
	name: "rule",
	summary: "add, list, remove and test rules",
	commands: [addRule, removeRule, listRules, testRules],
};
