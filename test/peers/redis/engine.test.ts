/** What every engine must do, with clients that connect to two brokers on one Redis by turns. */

import { aedesEngine } from "../../../broker/engine/aedes/aedes-engine";
import { engineSuite } from "../../broker/engine.suite";
import { startBroker } from "../../helpers/broker";
import { redisModules, startRedis } from "../../helpers/redis";

const start = async () => {
	const modules = redisModules();
	const redis = await startRedis();
	const one = () => startBroker({ sysInterval: 0, store: { kind: "redis", url: redis.url, modules } });
	return { brokers: [await one(), await one()], end: () => redis.remove() };
};

engineSuite("on aedes, two on one Redis", aedesEngine, start);
