/** Where our own engine does not do what the suite asks, each with the reason. */

import type { KnownFailures } from "./conformance.suite";

export const directFailures: KnownFailures = {
	"A message that expired after it was sent is not there when it is to be sent again.": [
		"a message with QoS 2 that was sent is not dropped when it expires",
	],
	"Reasons in words are sent whatever their length.": [
		"reasons in words are left out where they would exceed the maximum packet size",
	],
	"It closes without words.": ["a DISCONNECT says its reason in words where the client does not object"],
};
