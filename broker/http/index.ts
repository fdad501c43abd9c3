/** The public face of the admin API. */

export type { AdminBroker } from "./admin-broker";
export type { AdminRequest } from "./handler";
export { type AdminRouterOptions, createAdminRouter } from "./router";
export { type Permission, type Route, routes } from "./routes";
export { tokenAuthorisation } from "./token";
