/** The public face of the access library: who may log in, and who may do what. */

export type {
	AccessChange,
	AccessControl,
	Decision,
	Login,
	LoginRefusal,
	LoginResult,
	SessionAccess,
} from "./access";
export { AccessStore, type AccessStoreOptions, type PasswordForm, type UserView } from "./access-store";
export { anonymousAccess } from "./anonymous";
export { whyNotName, whyNotRuleFilter } from "./check-model";
export type { Verdict } from "./decide";
export { parseDocument, serialiseDocument } from "./document";
export {
	addGroup,
	addRule,
	type GroupChange,
	modifyGroup,
	modifyUser,
	type RuleOwner,
	type UserChange,
} from "./edit-document";
export { type ExportProblem, type ExportResult, exportMosquitto } from "./export-mosquitto";
export type { FileProblem } from "./file-problem";
export { type ImportProblem, type ImportResult, importMosquitto, type MosquittoFiles } from "./import-mosquitto";
export { type Ban, defaultThrottle, type ThrottleOptions } from "./login-throttle";
export {
	type AccessDocument,
	type Action,
	type Anonymous,
	type Defaults,
	type Effect,
	emptyDocument,
	type Group,
	type Rule,
	type User,
} from "./model";
export { MosquittoAccess, type MosquittoAccessOptions } from "./mosquitto-access";
export { parseMosquittoAcl } from "./mosquitto-acl-file";
export { parseMosquittoPasswords } from "./mosquitto-password-file";
export { PasswordHasher } from "./password";
export { writeAtomically } from "./write-atomically";
