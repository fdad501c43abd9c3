/** What the parts of the engine share. */

import type { LimitOptions } from "../../limits";
import type { Store } from "../../store/store";
import type { EngineHooks } from "../engine";
import type { Publisher } from "./publisher";
import type { Router } from "./router";
import type { Sessions } from "./sessions";
import type { Wills } from "./wills";

export interface Parts {
	readonly hooks: EngineHooks;
	readonly limits: LimitOptions;
	readonly store: Store;
	readonly router: Router;
	readonly publisher: Publisher;
	readonly sessions: Sessions;
	readonly wills: Wills;
}
