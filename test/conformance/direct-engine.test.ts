import { directEngine } from "../../broker/engine/direct/direct-engine";
import { chapters } from "./cases";
import { conformanceSuite } from "./conformance.suite";
import { directFailures } from "./direct-failures";
import { ourTarget } from "./target";

conformanceSuite(chapters, { start: () => ourTarget(directEngine), known: directFailures });
