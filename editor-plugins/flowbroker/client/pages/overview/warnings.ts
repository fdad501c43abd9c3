/** What somebody should look at, and where to mend it. */

import type { BrokerDetails } from "../../../../../broker/http/contract";
import { h, icon } from "../../dom";
import { number } from "../../format";
import type { PageContext } from "../../page";
import { editBroker } from "../../settings";
import type { Translate } from "../../text";
import { button } from "../../widgets/button";
import type { Row } from "../../widgets/list";

export interface Warning {
	readonly text: string;
	/** Where it is mended; undefined where nothing in Node-RED can. */
	readonly remedy: "settings" | "denials" | undefined;
}

/** Days before its end at which a certificate should be renewed. */
const CERTIFICATE_DAYS = 30;

export function warningsOf(broker: BrokerDetails, t: Translate): Warning[] {
	const { listeners, bridges, access, accessProblem, storeProblem, counts, metrics } = broker;
	const found: Warning[] = [];
	if (storeProblem !== null) found.push({ text: t("warning.store", { problem: storeProblem }), remedy: undefined });
	for (const { name, error, certificate } of listeners) {
		if (error) found.push({ text: t("warning.listener", { name, problem: error.message }), remedy: "settings" });
		if (certificate && certificate.daysLeft < CERTIFICATE_DAYS) {
			const key = certificate.daysLeft < 0 ? "warning.certificateOver" : "warning.certificate";
			found.push({ text: t(key, { name, days: certificate.daysLeft }), remedy: "settings" });
		}
	}
	for (const { name, error } of bridges) {
		if (error) found.push({ text: t("warning.bridge", { name, problem: error.message }), remedy: undefined });
	}
	if (accessProblem !== null) found.push({ text: accessProblem, remedy: undefined });
	if (access === "open") found.push({ text: t("warning.open"), remedy: "settings" });
	const { refused } = metrics.retained;
	if (refused > 0) found.push({ text: t("warning.retainedFull", { n: number(refused) }), remedy: undefined });
	if (counts.denials > 0) found.push({ text: t("warning.denials"), remedy: "denials" });
	return found;
}

export function warningRow({ text, remedy }: Warning, { t, broker, open }: PageContext): Row<Warning> {
	const mend =
		remedy === "settings"
			? button({ label: t("panel.settings"), icon: "cog", click: () => editBroker(broker, t) })
			: remedy === "denials" && button({ label: t("warning.look"), icon: "users", click: () => open("access") });
	const element = h("div", { class: "flowbroker-warning" }, icon("warning"), h("span", {}, text), mend);
	return { element, update: () => {} };
}
