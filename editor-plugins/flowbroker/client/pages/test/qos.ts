/** Chooses a quality of service, in words. */

import type { Translate } from "../../text";
import { field, select } from "../../widgets/form";

export interface QosField {
	readonly element: HTMLElement;
	value(): 0 | 1 | 2;
}

export function qosField(t: Translate): QosField {
	const control = select([
		["0", t("test.qos0")],
		["1", t("test.qos1")],
		["2", t("test.qos2")],
	]);
	return { element: field(t("test.qos"), control), value: () => Number(control.value) as 0 | 1 | 2 };
}
