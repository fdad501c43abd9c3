import { aedesEngine } from "../../broker/engine/aedes/aedes-engine";
import { aedesFailures } from "./aedes-failures";
import { chapters } from "./cases";
import { conformanceSuite } from "./conformance.suite";
import { ourTarget } from "./target";

conformanceSuite(chapters, {
	start: () => ourTarget(aedesEngine),
	without: ["scram", "settings"],
	known: aedesFailures,
});
