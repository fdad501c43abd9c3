/** The pages by name. */

import type { MakePage, PageName } from "../page";
import { accessPage } from "./access/access";
import { backupPage } from "./backup";
import { clientsPage } from "./clients";
import { logPage } from "./log";
import { overviewPage } from "./overview";
import { retainedPage } from "./retained";
import { testPage } from "./test";
import { topicsPage } from "./topics";

export const makePage: Readonly<Record<PageName, MakePage>> = {
	overview: overviewPage,
	clients: clientsPage,
	access: accessPage,
	topics: topicsPage,
	retained: retainedPage,
	test: testPage,
	log: logPage,
	backup: backupPage,
};
