import { aedesEngine } from "../../broker/engine/aedes";
import { engineSuite } from "./engine.suite";

engineSuite("on aedes", aedesEngine);
