/** Where our own engine does not do what the suite asks, each with the reason. docs/mqtt5.md lists the same. */

import type { KnownFailures } from "./conformance.suite";

export const directFailures: KnownFailures = {};
