/** The fields for what MQTT 5 adds to a message. */

import type { PropertiesChoice } from "../../../../../broker/http/contract";
import { h } from "../../dom";
import type { Translate } from "../../text";
import { fold } from "../../widgets/fold";
import { field, input } from "../../widgets/form";
import { completed } from "../../widgets/topic-names";

export interface PropertyFields {
	readonly element: HTMLElement;
	/** Only what is filled in. @throws an error with a sentence for people */
	chosen(): PropertiesChoice;
}

export function propertyFields(t: Translate): PropertyFields {
	const contentType = input({ placeholder: "application/json" });
	const responseTopic = input({ class: "flowbroker-mono", ...completed });
	const correlationData = input();
	const expiry = input({ type: "number", min: "0", placeholder: t("test.never") });
	const userProperties = h("textarea", { rows: 2, class: "flowbroker-mono", placeholder: "unit: °C" });
	const body = () =>
		h(
			"div",
			{ class: "flowbroker-form" },
			h(
				"div",
				{ class: "flowbroker-columns" },
				field(t("test.contentType"), contentType),
				field(t("test.expiry"), expiry),
				field(t("test.responseTopic"), responseTopic),
				field(t("test.correlation"), correlationData),
			),
			field(t("test.userProperties"), userProperties),
		);
	return {
		element: fold(h("span", {}, t("test.properties")), body, "add").element,
		chosen: () => {
			const pairs = pairsOf(userProperties.value, t);
			return {
				...(contentType.value !== "" && { contentType: contentType.value }),
				...(responseTopic.value !== "" && { responseTopic: responseTopic.value }),
				...(correlationData.value !== "" && { correlationData: correlationData.value }),
				...(expiry.value !== "" && { messageExpiryInterval: Number(expiry.value) }),
				...(pairs.length > 0 && { userProperties: pairs }),
			};
		},
	};
}

/** A name and a value on each line, with a colon between them. */
function pairsOf(text: string, t: Translate): [string, string][] {
	return text
		.split("\n")
		.filter((line) => line.trim() !== "")
		.map((line) => {
			const at = line.indexOf(":");
			if (at < 1) throw new Error(t("test.pairWrong", { line: line.trim() }));
			return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
		});
}
