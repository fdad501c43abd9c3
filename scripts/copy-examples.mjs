// Node-RED shows the flows of a package in its import menu where they lie in a folder named `examples`.
import { cpSync, rmSync } from "node:fs";

rmSync("examples", { recursive: true, force: true });
cpSync("flows", "examples", { recursive: true });
