/** All chapters, in the order of the standard. */

import type { Chapter } from "../case";
import { authentication } from "./authentication";
import { connack } from "./connack";
import { connect } from "./connect";
import { cuts } from "./cuts";
import { data } from "./data";
import { disconnect } from "./disconnect";
import { flow } from "./flow";
import { format } from "./format";
import { overlap } from "./overlap";
import { publish } from "./publish";
import { quality } from "./quality";
import { retain } from "./retain";
import { session } from "./session";
import { settings } from "./settings";
import { shared } from "./shared";
import { subscribe } from "./subscribe";
import { topics } from "./topics";
import { webSocket } from "./web-socket";
import { will } from "./will";

export const chapters: readonly Chapter[] = [
	data,
	format,
	connect,
	will,
	session,
	connack,
	publish,
	retain,
	overlap,
	subscribe,
	disconnect,
	quality,
	cuts,
	topics,
	shared,
	flow,
	authentication,
	settings,
	webSocket,
];
