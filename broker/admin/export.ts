/** Commands that give users and rules out, without password hashes: those leave only by the command line. */

import { type ExportResult, exportMosquitto } from "../access/export-mosquitto";
import type { Broker } from "../broker";
import { type Arguments, known } from "./arguments";
import { type DocumentView, documentView } from "./document-view";
import { usersOf } from "./users-of";

export function exportAccess(broker: Broker, args: Arguments = {}): DocumentView {
	known(args, []);
	return documentView(usersOf(broker).exportDocument());
}

/** Mosquitto's ACL file: its password file holds hashes. */
export function exportMosquittoAcl(broker: Broker, args: Arguments = {}): Omit<ExportResult, "passwords"> {
	known(args, []);
	const { passwords: _hashes, ...rest } = exportMosquitto(usersOf(broker).exportDocument(), Date.now());
	return rest;
}
