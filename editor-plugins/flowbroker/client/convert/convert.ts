/** The action "Convert MQTT nodes to flowbroker": asks which nodes, has the server convert them, and shows what to know. */

import type { ConvertAnswer, ConvertRequest } from "../../../../migrate/convert-request";
import { post, sentenceOf } from "../api";
import { h } from "../dom";
import type { Translate } from "../text";
import { tell } from "../widgets/notice";
import { applyConversion } from "./apply";
import { type Candidates, candidates, type Scope, scopes } from "./scope";

const ACTION = "flowbroker:convert-mqtt-nodes";
/** Node-RED's main menu. */
const MENU = "red-ui-header-button-sidemenu";

export function addConversion(t: Translate): void {
	const label = t("convert.action");
	RED.actions.add(ACTION, () => open(t), { label });
	RED.menu.addItem(MENU, null);
	RED.menu.addItem(MENU, { id: "menu-item-flowbroker-convert", label, onselect: ACTION });
}

function open(t: Translate): void {
	if (!RED.user.hasPermission("flows.write") || !RED.user.hasPermission("flowbroker.write")) {
		tell(t("error.notAllowed"), "warning");
		return;
	}
	const found = candidates(RED.nodes.createCompleteNodeSet({ credentials: false }));
	if (found.ids.all.length === 0) tell(t(found.locked ? "convert.locked" : "convert.none"), "warning");
	else ask(t, found);
}

function ask(t: Translate, found: Candidates): void {
	const offered = scopes.filter((scope) => found.ids[scope].length > 0);
	const notification = RED.notify(
		h("div", {}, h("p", {}, t("convert.question")), found.locked && h("p", {}, t("convert.locked"))),
		{
			modal: true,
			fixed: true,
			buttons: [
				{ text: t("button.cancel"), click: () => notification.close() },
				...offered.map((scope) => ({
					text: t(`convert.${scope}`, { count: found.ids[scope].length }),
					class: "primary",
					click: () => {
						notification.close();
						convert(t, scope, found).catch((error: unknown) => tell(sentenceOf(error), "error"));
					},
				})),
			],
		},
	);
}

async function convert(t: Translate, scope: Scope, { ids, locked }: Candidates): Promise<void> {
	const nodes = RED.nodes.createCompleteNodeSet({ credentials: false });
	const everything = scope === "all" && !locked;
	const request: ConvertRequest = { nodes, ...(!everything && { only: ids[scope] }) };
	const answer = (await post(t, "/convert", request)) as ConvertAnswer;
	if (JSON.stringify(RED.nodes.createCompleteNodeSet({ credentials: false })) !== JSON.stringify(nodes)) {
		tell(t("convert.meanwhile"), "warning");
		return;
	}
	if (answer.converted > 0) applyConversion(answer);
	showOutcome(t, answer);
}

function showOutcome(t: Translate, { converted, remarks }: ConvertAnswer): void {
	const sentence = converted > 0 ? t("convert.done", { count: converted }) : t("convert.nothing");
	if (remarks.length === 0) {
		tell(sentence, converted > 0 ? "success" : "warning");
		return;
	}
	const lines = remarks.map(({ type, name, kind, key, values }) =>
		h("li", {}, h("b", {}, name || type), ` (${t(`convert.${kind}`)}): `, t(`remark.${key}`, values)),
	);
	const notification = RED.notify(
		h("div", {}, h("p", {}, sentence), h("ul", { class: "flowbroker-remarks" }, ...lines)),
		{
			type: "warning",
			fixed: true,
			buttons: [{ text: t("convert.close"), class: "primary", click: () => notification.close() }],
		},
	);
}
