import { directEngine } from "../../broker/engine/direct/direct-engine";
import { engineSuite } from "./engine.suite";

engineSuite("direct", directEngine);
