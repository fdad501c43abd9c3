import { aedesEngine } from "../../broker/engine/aedes/aedes-engine";
import { engineSuite } from "./engine.suite";

engineSuite("on aedes", aedesEngine);
