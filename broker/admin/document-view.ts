/** Users, groups and rules as shown: all but the password hashes. */

import type { UserView } from "../access/access-store";
import type { AccessDocument } from "../access/model";

export type DocumentView = Omit<AccessDocument, "users"> & { readonly users: readonly UserView[] };

export function documentView({ users, ...rest }: AccessDocument): DocumentView {
	return { ...rest, users: users.map(({ password, ...user }) => ({ ...user, hasPassword: password !== null })) };
}
