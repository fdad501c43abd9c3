/** What the command `flowbroker store` does with a store that no broker runs on. */

export type { FileReport } from "../disk/read-folder";
export { checkStore, exportStore, type StoreReport } from "./read-store";
export { compactStore, importStore } from "./write-store";
