/** One message that a test subscription got. */

import type { PropertiesView, TestDelivery } from "../../../../../broker/http/contract";
import { h } from "../../dom";
import type { Translate } from "../../text";
import { details } from "../../widgets/details";
import { fold } from "../../widgets/fold";
import type { Row } from "../../widgets/list";
import { preview, valueView } from "../../widgets/value";

export function deliveryRow(message: TestDelivery, t: Translate): Row<TestDelivery> {
	const { topic, qos, retain, at, properties } = message;
	const time = new Date(at).toLocaleTimeString();
	const facts = [time, `QoS ${qos}`, ...(retain ? [t("topics.retained")] : [])].join(" · ");
	const head = h(
		"span",
		{ class: "flowbroker-head-lines" },
		h("span", { class: "flowbroker-mono" }, topic),
		" ",
		h("span", { class: "flowbroker-quiet" }, facts),
		h("div", { class: "flowbroker-quiet flowbroker-one-line" }, preview(message, t)),
	);
	const row = fold(head, () => {
		const value = valueView(t);
		value.show(message);
		const more = details();
		if (properties) more.show(rowsOf(properties, t));
		return h("div", {}, value.element, more.element);
	});
	// A message does not change.
	return { element: row.element, update: () => {} };
}

function rowsOf(properties: PropertiesView, t: Translate): [string, string][] {
	const { contentType, messageExpiryInterval, responseTopic, correlationData, userProperties } = properties;
	const rows: [string, string | undefined][] = [
		[t("test.contentType"), contentType],
		[t("test.expiry"), messageExpiryInterval === undefined ? undefined : String(messageExpiryInterval)],
		[t("test.responseTopic"), responseTopic],
		[
			t("test.correlation"),
			correlationData && ("text" in correlationData ? correlationData.text : `base64 ${correlationData.base64}`),
		],
		[t("test.userProperties"), userProperties?.map(([name, value]) => `${name}: ${value}`).join(", ")],
	];
	return rows.filter((row): row is [string, string] => row[1] !== undefined);
}
