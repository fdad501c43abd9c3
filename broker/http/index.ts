/** The public face of the admin API. */

export type { AdminBroker } from "./admin-broker";
export { answerErrors } from "./answers";
export type { AdminRequest } from "./handler";
export { limitLength, refuseCrossSite, requireJson } from "./request-guard";
export { type AdminRouterOptions, createAdminRouter } from "./router";
export { type Permission, type Route, routes } from "./routes";
export { tokenAuthorisation } from "./token";
