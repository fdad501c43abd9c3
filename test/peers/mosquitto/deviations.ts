/** Where Mosquitto 2.0.11 does not do what the conformance suite asks, each with the reason. */

import type { KnownFailures } from "../../conformance/conformance.suite";

export const deviations: KnownFailures = {};
