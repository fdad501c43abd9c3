/** Publishes a message, with the rights of whom one likes. */

import { sentenceOf } from "../../api";
import { h, setText } from "../../dom";
import type { PageContext } from "../../page";
import { choice, field, form, input, select } from "../../widgets/form";
import { section } from "../../widgets/section";
import { completed } from "../../widgets/topic-names";
import type { Section } from "../access/data";
import { asUser } from "./as-user";
import { propertyFields } from "./properties";
import { qosField } from "./qos";

/** Shows the names of the users; undefined for a broker that keeps none. */
export type UserNames = readonly string[] | undefined;

export interface PublishSection extends Section<UserNames> {
	/** Fills in the topic. */
	take(topic: string): void;
}

export function publishSection(context: PageContext): PublishSection {
	const { t, call } = context;
	const topic = input({
		required: true,
		placeholder: "home/kitchen/light/set",
		class: "flowbroker-mono",
		...completed,
	});
	const payload = h("textarea", { rows: 3, class: "flowbroker-mono", spellcheck: "false" });
	const encoding = select([
		["text", t("test.text")],
		["base64", t("test.base64")],
	]);
	const qos = qosField(t);
	const retain = h("input", { type: "checkbox" });
	const user = asUser(context);
	const properties = propertyFields(t);
	const result = h("p", { role: "status", class: "flowbroker-answer" });
	const tellResult = (ok: boolean, sentence: string) => {
		result.className = `flowbroker-answer flowbroker-${ok ? "allow" : "deny"}`;
		setText(result, sentence);
	};
	const publish = async () => {
		try {
			const { published } = await call("POST /brokers/:broker/publish", {
				topic: topic.value,
				payload: payload.value,
				encoding: encoding.value as "text" | "base64",
				qos: qos.value(),
				retain: retain.checked,
				properties: properties.chosen(),
				...user.chosen(),
			});
			tellResult(true, t("test.published", { topic: published, time: new Date().toLocaleTimeString() }));
		} catch (error) {
			// A refusal is a result of the test, too.
			tellResult(false, sentenceOf(error));
		}
	};
	const fields = [
		field(t("test.topic"), topic),
		field(t("test.payload"), payload),
		h("div", { class: "flowbroker-columns" }, field(t("test.encoding"), encoding), qos.element),
		choice(retain, t("test.retain")),
		user.element,
		properties.element,
	];
	return {
		element: section(
			t("test.publishTitle"),
			form(fields, { label: t("test.publish"), icon: "paper-plane", click: publish }),
			result,
		),
		show: user.show,
		take: (wanted) => {
			topic.value = wanted;
			payload.focus();
		},
	};
}
