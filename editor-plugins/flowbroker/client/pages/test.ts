/** Publishes a message, with the rights of whom one likes. */

import { ApiError, sentenceOf } from "../api";
import { h, setText } from "../dom";
import type { Page, PageContext } from "../page";
import { choice, field, form, input, select, setChoices } from "../widgets/form";
import { completed } from "../widgets/topic-names";

/** No user name starts with a blank. */
const FLOW = " flow";
const NOBODY = " nobody";

export function testPage({ t, call, mayChange }: PageContext): Page {
	const topic = input({
		required: true,
		placeholder: "home/kitchen/light/set",
		class: "flowbroker-mono",
		...completed,
	});
	const payload = h("textarea", { rows: 4, class: "flowbroker-mono", spellcheck: "false" });
	const encoding = select([
		["text", t("test.text")],
		["base64", t("test.base64")],
	]);
	const qos = select([
		["0", t("test.qos0")],
		["1", t("test.qos1")],
		["2", t("test.qos2")],
	]);
	const retain = h("input", { type: "checkbox" });
	const user = select([[FLOW, t("test.flow")]]);
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
				qos: Number(qos.value) as 0 | 1 | 2,
				retain: retain.checked,
				...(user.value !== FLOW && { user: user.value === NOBODY ? null : user.value }),
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
		h("div", { class: "flowbroker-columns" }, field(t("test.encoding"), encoding), field(t("test.qos"), qos)),
		choice(retain, t("test.retain")),
		field(t("test.user"), user),
	];
	return {
		pause: 10_000,
		element: mayChange
			? h("div", {}, form(fields, { label: t("test.publish"), icon: "paper-plane", click: publish }), result)
			: h("p", { class: "flowbroker-empty" }, t("test.notAllowed")),
		async refresh() {
			if (!mayChange) return;
			const names = await userNames();
			const others = names && [...names.map((name) => [name, name] as const), [NOBODY, t("clients.nobody")] as const];
			setChoices(user, [[FLOW, t("test.flow")], ...(others ?? [])]);
		},
	};

	/** `undefined` for a broker that keeps no users. */
	async function userNames(): Promise<string[] | undefined> {
		try {
			return (await call("GET /brokers/:broker/users", {})).map(({ name }) => name);
		} catch (error) {
			if (error instanceof ApiError && error.code === "USERS_ELSEWHERE") return undefined;
			throw error;
		}
	}
}
