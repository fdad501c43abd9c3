import { MemoryStore } from "../../../broker/store/memory";
import { storeSuite } from "./store.suite";

storeSuite("in memory", async (limits, events, now) => ({
	store: new MemoryStore(limits, events, now),
	dispose: async () => {},
}));
