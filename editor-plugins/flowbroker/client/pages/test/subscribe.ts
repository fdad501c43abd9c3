/** Subscribes, with the rights of whom one likes, and shows what arrives. */

import type { TestDelivery } from "../../../../../broker/http/contract";
import { ApiError, sentenceOf } from "../../api";
import { h, setText, show } from "../../dom";
import { number } from "../../format";
import type { PageContext } from "../../page";
import { button } from "../../widgets/button";
import { fold } from "../../widgets/fold";
import { choice, field, form, input, select } from "../../widgets/form";
import { list } from "../../widgets/list";
import { section } from "../../widgets/section";
import { completed } from "../../widgets/topic-names";
import type { Section } from "../access/data";
import { asUser } from "./as-user";
import { deliveryRow } from "./deliveries";
import type { UserNames } from "./publish";
import { qosField } from "./qos";

/** Messages in the list, newest first. */
const SHOWN = 100;

export interface SubscribeSection extends Section<UserNames> {
	/** Asks for what has arrived. */
	refresh(): Promise<void>;
}

export function subscribeSection(context: PageContext): SubscribeSection {
	const { t, call } = context;
	let id: string | undefined;
	let last = 0;
	let messages: TestDelivery[] = [];
	const filter = input({ required: true, placeholder: "home/#", class: "flowbroker-mono", ...completed });
	const qos = qosField(t);
	const user = asUser(context);
	const asPublished = h("input", { type: "checkbox" });
	const handling = select([
		["0", t("test.retained0")],
		["2", t("test.retained2")],
	]);
	const state = h("p", { role: "status", class: "flowbroker-answer" });
	const stop = button({ label: t("test.stop"), icon: "stop", click: () => end() });
	const clear = button({
		label: t("test.clear"),
		icon: "eraser",
		click: () => {
			messages = [];
			draw();
		},
	});
	const rows = list<TestDelivery>({
		label: t("test.arrived"),
		empty: t("test.nothing"),
		keyOf: (message) => String(message.number),
		row: (message) => deliveryRow(message, t),
	});
	const arrived = h("div", { hidden: true }, h("div", { class: "flowbroker-buttons" }, stop, clear), rows.element);
	const tellState = (kind: "allow" | "deny", sentence: string) => {
		state.className = `flowbroker-answer flowbroker-${kind}`;
		setText(state, sentence);
	};
	const draw = () => rows.show(messages);

	const subscribe = async () => {
		await end();
		messages = [];
		last = 0;
		try {
			const answer = await call("POST /brokers/:broker/tests", {
				filter: filter.value.trim(),
				qos: qos.value(),
				retainAsPublished: asPublished.checked,
				retainHandling: Number(handling.value) as 0 | 2,
				...user.chosen(),
			});
			id = answer.id;
			tellState("allow", t("test.subscribed", { filter: filter.value.trim() }));
			show(arrived, true);
			show(stop, true);
			draw();
			context.refresh();
		} catch (error) {
			// A refusal is a result of the test, too.
			tellState("deny", sentenceOf(error));
		}
	};

	const end = async () => {
		if (id === undefined) return;
		const ended = id;
		id = undefined;
		show(stop, false);
		tellState("allow", t("test.stopped"));
		await call("DELETE /brokers/:broker/tests/:id", { id: ended }).catch((error: unknown) => {
			if (!isOver(error)) throw error;
		});
	};

	const extras = fold(
		h("span", {}, t("test.options")),
		() =>
			h(
				"div",
				{ class: "flowbroker-form" },
				field(t("test.retained"), handling),
				choice(asPublished, t("test.asPublished")),
			),
		"add",
	);
	return {
		element: section(
			t("test.subscribeTitle"),
			form(
				[
					field(t("test.filter"), filter),
					h("div", { class: "flowbroker-columns" }, qos.element, user.element),
					extras.element,
				],
				{ label: t("test.subscribe"), icon: "rss", click: subscribe },
			),
			state,
			arrived,
		),
		show: user.show,
		async refresh() {
			const asked = id;
			if (asked === undefined) return;
			try {
				const answer = await call("GET /brokers/:broker/tests/:id", { id: asked, after: last });
				if (asked !== id) return;
				const { total } = answer;
				last = total;
				messages = [...[...answer.messages].reverse(), ...messages].slice(0, SHOWN);
				tellState("allow", t("test.count", { filter: filter.value.trim(), n: number(total) }));
				draw();
			} catch (error) {
				if (!isOver(error)) throw error;
				// Nobody has looked for a while.
				id = undefined;
				show(stop, false);
				tellState("deny", sentenceOf(error));
			}
		},
	};
}

function isOver(error: unknown): boolean {
	return error instanceof ApiError && error.code === "TEST_UNKNOWN";
}
