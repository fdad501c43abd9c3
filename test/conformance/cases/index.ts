/** All chapters, in the order of the standard. */

import type { Chapter } from "../case";
import { connack } from "./connack";
import { connect } from "./connect";
import { data } from "./data";
import { format } from "./format";
import { publish } from "./publish";
import { retain } from "./retain";
import { session } from "./session";
import { will } from "./will";

export const chapters: readonly Chapter[] = [data, format, connect, will, session, connack, publish, retain];
