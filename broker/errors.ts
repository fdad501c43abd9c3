/** Every error that flowbroker raises on purpose has a code from the table here. */

/** How a code is shown outside: `http` is the status of an admin API answer, `exit` the exit code of the command. */
interface ErrorKind {
	readonly http: number;
	readonly exit: number;
	/** One sentence for the documentation: when does this happen? */
	readonly when: string;
}

/** The one table of error codes. docs/errors.md lists the same codes; a test checks that they agree. */
export const errorTable = {
	OPTION_INVALID: { http: 400, exit: 2, when: "A setting has a value that it cannot have." },
	PORT_IN_USE: { http: 409, exit: 1, when: "Another program, or another broker node, already listens on the port." },
	PORT_FORBIDDEN: { http: 403, exit: 1, when: "The operating system does not let this user listen on the port." },
	ADDRESS_UNKNOWN: { http: 400, exit: 1, when: "The bind address does not belong to this machine." },
	LISTENER_FAILED: {
		http: 500,
		exit: 1,
		when: "A listener could not be opened for a reason not named by another code.",
	},
	BROKER_STOPPED: { http: 503, exit: 1, when: "Something was asked of a broker that is not running." },
	TOPIC_INVALID: {
		http: 400,
		exit: 2,
		when: "A topic name is empty, too long, or holds a wildcard or a NUL character.",
	},
	PROPERTY_INVALID: {
		http: 400,
		exit: 1,
		when: "A property of a message can't be sent by MQTT 5: it is too long, or holds a wildcard or a NUL character.",
	},
	FILTER_INVALID: { http: 400, exit: 2, when: "A topic filter breaks the rules of MQTT for + and #." },
	NOT_ALLOWED: { http: 403, exit: 1, when: "A permission rule does not allow the action." },
	ENGINE_FAULT: { http: 500, exit: 1, when: "The engine below the broker reported an error." },
	USAGE: { http: 400, exit: 2, when: "The flowbroker command was called with something that it does not know." },
	FILE_UNREADABLE: { http: 500, exit: 2, when: "A file named to the command can't be read." },
	FLOW_INVALID: { http: 400, exit: 2, when: "A flow file is not what the editor exports, or is damaged." },
	FLOW_CONFLICT: { http: 409, exit: 2, when: "Two flow files contradict each other." },
	NODE_TYPE_UNKNOWN: { http: 400, exit: 2, when: "A flow uses a node type that is not installed." },
	DATA_FOLDER_UNUSABLE: { http: 500, exit: 2, when: "The data folder can't be made or written to." },
	NODE_RED_MISSING: { http: 500, exit: 1, when: "The command finds no Node-RED to run flows with." },
	NODE_RED_UNSUPPORTED: { http: 500, exit: 1, when: "Node-RED does not go with this Node.js or this package." },
	NODES_NOT_LOADED: { http: 500, exit: 1, when: "Node-RED could not load a file with nodes." },
	FLOW_NOT_STARTED: { http: 500, exit: 1, when: "A flow, or a broker in it, could not be started." },
	FLOW_CRASHED: { http: 500, exit: 1, when: "A node failed in a way that Node-RED does not catch." },
	STOP_TIMEOUT: { http: 500, exit: 1, when: "The flow did not stop in time and was cut off." },
	BROKER_MISSING: { http: 400, exit: 2, when: "A node belongs to no broker, or to one that was removed or disabled." },
	ACTION_INVALID: { http: 400, exit: 2, when: "A control message asks for something that the node can't do." },
	PAYLOAD_INVALID: { http: 400, exit: 1, when: "A payload can't be converted: it should be JSON and is not." },
	ACCESS_FILE_BROKEN: {
		http: 409,
		exit: 2,
		when: "The file with users and rules is damaged, or holds something unknown.",
	},
	ACCESS_FILE_UNREADABLE: { http: 500, exit: 2, when: "A file with users, passwords or rules can't be read." },
	ACCESS_FILE_MISSING: { http: 500, exit: 2, when: "A file with users, passwords or rules has disappeared." },
	ACCESS_FILE_UNWRITABLE: { http: 500, exit: 1, when: "A change of users or rules can't be written to the disk." },
	ACCESS_INVALID: { http: 400, exit: 2, when: "A set of users and rules, or a default, is not valid." },
	USER_EXISTS: { http: 409, exit: 2, when: "A new user has the name of one that exists." },
	USER_UNKNOWN: { http: 404, exit: 2, when: "There is no user of that name." },
	USER_INVALID: { http: 400, exit: 2, when: "Something said about a user is not valid: name, group, date or rule." },
	GROUP_EXISTS: { http: 409, exit: 2, when: "A new group has the name of one that exists." },
	GROUP_UNKNOWN: { http: 404, exit: 2, when: "There is no group of that name." },
	GROUP_INVALID: { http: 400, exit: 2, when: "Something said about a group is not valid: name or rule." },
	RULE_INVALID: { http: 400, exit: 2, when: "A rule has a wrong effect, action, topic filter or priority." },
	RULE_UNKNOWN: { http: 404, exit: 2, when: "There is no such rule to remove." },
	PASSWORD_EMPTY: { http: 400, exit: 2, when: "An empty password was given; it would let everybody in." },
	PASSWORD_HASH_INVALID: { http: 400, exit: 2, when: "A password hash is damaged, of an unknown kind, or too costly." },
	PASSWORD_HASHING_FAILED: { http: 500, exit: 1, when: "A password can't be hashed: there may be too little memory." },
	LOGIN_BUSY: { http: 503, exit: 1, when: "Too many passwords wait to be checked at the same time." },
	MOSQUITTO_FILE_BROKEN: { http: 400, exit: 2, when: "A line of a Mosquitto password or ACL file can't be used." },
	CERTIFICATE_UNREADABLE: { http: 500, exit: 1, when: "A certificate, key, CA or revocation list can't be read." },
	CERTIFICATE_INVALID: { http: 400, exit: 1, when: "A file or setting holds no certificate or key that TLS can use." },
	CERTIFICATE_PASSPHRASE: {
		http: 400,
		exit: 1,
		when: "A private key is encrypted, and the passphrase does not open it.",
	},
	CERTIFICATE_KEY_MISMATCH: { http: 400, exit: 1, when: "A private key does not belong to its certificate." },
	CERTIFICATE_EXPIRED: { http: 400, exit: 1, when: "The certificate of a listener has expired." },
	CERTIFICATE_NOT_YET_VALID: {
		http: 400,
		exit: 1,
		when: "The certificate of a listener is not valid yet, or the machine's clock is wrong.",
	},
	CERTIFICATE_UNWATCHED: { http: 500, exit: 1, when: "A folder with certificates can't be watched for changes." },
	CERTIFICATE_REQUEST_INVALID: { http: 400, exit: 2, when: "Certificates can't be made for the names or days given." },
	CERTIFICATE_CA_UNUSABLE: { http: 409, exit: 1, when: "The CA found in a folder can't sign new certificates." },
	CERTIFICATE_UNWRITABLE: { http: 500, exit: 1, when: "New certificates can't be written to the folder." },
	ARGUMENT_INVALID: { http: 400, exit: 2, when: "An administrator's command was given a wrong or unknown argument." },
	COMMAND_UNKNOWN: { http: 400, exit: 2, when: "An administrator's command has a name that does not exist." },
	USERS_ELSEWHERE: { http: 409, exit: 2, when: "A broker keeps no users of its own, so that none can be changed." },
	CLIENT_UNKNOWN: { http: 404, exit: 2, when: "No client with that id is connected." },
	BAN_UNKNOWN: { http: 404, exit: 2, when: "There is no such ban to lift." },
	BANS_FULL: { http: 409, exit: 1, when: "There are too many bans for another one." },
	IMPORT_INCOMPLETE: { http: 409, exit: 2, when: "Lines of Mosquitto's files can't be taken over as they are." },
	IMPORT_REPLACES: { http: 409, exit: 2, when: "An import would remove users or groups, and nobody said that it may." },
	BACKUP_INVALID: { http: 400, exit: 2, when: "A backup is damaged, or is no backup of a broker." },
	BACKUP_PASSPHRASE: { http: 400, exit: 2, when: "The passphrase of a backup is too short, or is another one." },
	TEST_UNKNOWN: { http: 404, exit: 2, when: "A test subscription has ended." },
	TESTS_FULL: { http: 409, exit: 1, when: "There are too many test subscriptions for another one." },
	BROKER_UNKNOWN: { http: 404, exit: 2, when: "There is no broker of that id." },
	ROUTE_UNKNOWN: { http: 404, exit: 2, when: "The admin API has nothing at that address." },
	REQUEST_INVALID: { http: 400, exit: 2, when: "A request to the admin API is malformed." },
	REQUEST_NOT_JSON: { http: 415, exit: 2, when: "A request that changes something is not sent as JSON." },
	REQUEST_TOO_LARGE: { http: 413, exit: 2, when: "A request to the admin API is too long." },
	REQUEST_CROSS_SITE: { http: 403, exit: 2, when: "A page of another site asked for something in the admin API." },
	TOKEN_TOO_SHORT: { http: 500, exit: 2, when: "The token of the admin API is short enough to be guessed." },
	TOKEN_WRONG: { http: 401, exit: 2, when: "A request to the admin API has no token, or a wrong one." },
	INTERNAL_FAULT: { http: 500, exit: 1, when: "Something failed that should not; the log has the details." },
	ACCESS_FILE_BUSY: { http: 503, exit: 1, when: "Another program changes the file with users and rules." },
	PASSWORDS_DIFFER: { http: 400, exit: 1, when: "A new password was typed differently the second time." },
	PASSWORD_INVALID: { http: 400, exit: 2, when: "A new password is too long, has several lines, or is not text." },
	CANCELLED: { http: 400, exit: 130, when: "Somebody pressed Ctrl-C while the command asked for something." },
	CONVERSION_INVALID: { http: 400, exit: 2, when: "What the editor wants to have converted is no flow." },
	NOTHING_TO_CONVERT: { http: 400, exit: 1, when: "A flow has no node that can be converted." },
	EXPORT_INCOMPLETE: { http: 409, exit: 1, when: "Mosquitto's files can't say all that the rules say." },
	FILE_EXISTS: { http: 409, exit: 2, when: "A command would overwrite a file, and nobody said that it may." },
	FILE_UNWRITABLE: { http: 500, exit: 1, when: "A file named to the command can't be written." },
	SECRETS_EXPOSED: { http: 500, exit: 2, when: "A file with secrets can be read by other users of the machine." },
	SECRETS_INVALID: { http: 400, exit: 2, when: "A file with secrets does not have the form that it must have." },
	SECRET_MISSING: { http: 400, exit: 2, when: "A node of a flow needs a password or another secret, and has none." },
	CREDENTIALS_LOCKED: { http: 400, exit: 2, when: "Node-RED's file of credentials can't be opened with this secret." },
	CONFIG_INVALID: { http: 400, exit: 2, when: "The configuration file of the command has a wrong or unknown setting." },
	NOT_READY: { http: 503, exit: 1, when: "The runtime on this machine does not answer, or is not ready." },
	INSTALL_FAILED: { http: 500, exit: 1, when: "npm could not install a package with nodes." },
	DEPLOY_FORBIDDEN: { http: 403, exit: 1, when: "A runtime does not let flows be deployed to it." },
	DEPLOY_REFUSED: { http: 422, exit: 2, when: "A runtime does not take a flow, because there are errors in it." },
	DEPLOY_FAILED: { http: 409, exit: 1, when: "A deployed flow did not work; what ran before runs again." },
	DEPLOY_BUSY: { http: 409, exit: 1, when: "Another flow is being deployed to the same runtime." },
	TARGET_FAILED: { http: 502, exit: 1, when: "A runtime to deploy to can't be reached, or answers something else." },
	MEMORY_EXCEEDED: { http: 503, exit: 1, when: "The process takes more memory than it was allowed." },
	SERVICE_FAILED: { http: 500, exit: 1, when: "A service of systemd can't be installed, removed or asked." },
	STORE_LOCKED: { http: 409, exit: 1, when: "Another process already uses the folder of a broker's store." },
	STORE_TOO_NEW: { http: 409, exit: 2, when: "The store of a broker was written by a newer version of flowbroker." },
	STORE_UNUSABLE: { http: 500, exit: 1, when: "The folder of a broker's store can't be made, read or written." },
	STORE_DAMAGED: {
		http: 500,
		exit: 1,
		when: "A part of a store could not be read; it was moved aside, the rest is used.",
	},
	STORE_FAILING: {
		http: 503,
		exit: 1,
		when: "The disk, or Redis, does not take what a broker has to keep: it is full, broken or away.",
	},
	STORE_UNTIDY: {
		http: 500,
		exit: 1,
		when: "Old parts of a store could not be removed or summed up; that is tried again.",
	},
	STORE_MISSING: { http: 404, exit: 2, when: "There is no store in the folder that a command was given." },
	STORE_NOT_EMPTY: { http: 409, exit: 2, when: "A store is to be filled from an export, and is not empty." },
	STORE_IMPORT_INVALID: { http: 400, exit: 2, when: "A line of an export of a store can't be read." },
	REDIS_MISSING: {
		http: 500,
		exit: 1,
		when: "A store in Redis is asked for, and the package for it is not installed.",
	},
	REDIS_UNREACHABLE: {
		http: 500,
		exit: 1,
		when: "The Redis server of a shared store can't be reached at the start, or refuses what a broker needs.",
	},
	STORE_BUSY: { http: 503, exit: 1, when: "So much waits for the disk that a broker takes no new message for now." },
	HOST_NOT_FOUND: { http: 502, exit: 1, when: "The name of another broker can't be found in the network." },
	CONNECTION_REFUSED: { http: 502, exit: 1, when: "Nothing listens at the address and port of another broker." },
	CONNECTION_TIMEOUT: { http: 504, exit: 1, when: "Another broker did not answer in time." },
	CONNECTION_LOST: { http: 502, exit: 1, when: "The connection to another broker ended." },
	NETWORK_UNREACHABLE: { http: 502, exit: 1, when: "There is no way through the network to another broker." },
	NOT_CONNECTED: { http: 503, exit: 1, when: "There is no connection to another broker, and a message may not wait." },
	CERTIFICATE_NOT_TRUSTED: { http: 502, exit: 1, when: "The certificate of another broker can't be trusted." },
	TLS_FAILED: { http: 502, exit: 1, when: "An encrypted connection to another broker could not be agreed on." },
	PASSWORD_NEEDED: { http: 409, exit: 1, when: "A connection test would send a stored password to another server." },
	PASSWORD_REFUSED: { http: 502, exit: 1, when: "Another broker does not accept the user name and password." },
	CLIENT_ID_REFUSED: { http: 502, exit: 1, when: "Another broker does not accept the client id." },
	PROTOCOL_REFUSED: { http: 502, exit: 1, when: "Another broker does not speak the chosen version of MQTT." },
	CLIENT_REPLACED: { http: 502, exit: 1, when: "Another client connected to a broker with the same client id." },
	BROKER_UNAVAILABLE: { http: 503, exit: 1, when: "Another broker says that it can't serve anybody now." },
	BROKER_REFUSED: { http: 502, exit: 1, when: "Another broker ended or refused the connection and gave a reason." },
	PUBLISH_REFUSED: { http: 502, exit: 1, when: "Another broker does not accept a message." },
	SUBSCRIPTION_REFUSED: { http: 502, exit: 1, when: "Another broker does not accept a subscription." },
	QUEUE_FULL: { http: 503, exit: 1, when: "Too many messages wait for the connection to another broker." },
	REQUEST_UNANSWERED: { http: 504, exit: 1, when: "No answer came to a request in time." },
	REQUESTS_FULL: { http: 503, exit: 1, when: "Too many requests of a node wait for their answers." },
	MESSAGE_LOOP: { http: 500, exit: 1, when: "A flow publishes to what it subscribes to, again and again." },
	FLOW_TOO_SLOW: {
		http: 503,
		exit: 1,
		when: "More messages came in than a flow could work on, and some were given up.",
	},
	BRIDGE_DROPPED: { http: 503, exit: 1, when: "A message could not cross a bridge and was given up." },
	MESSAGE_EXPIRED: { http: 504, exit: 1, when: "A message expired while it waited for the connection to a broker." },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorTable;

/** An error with a code from {@link errorTable} and a sentence that a person who does not program understands. */
export class FlowbrokerError extends Error {
	override readonly name = "FlowbrokerError";

	/**
	 * @param code one of {@link errorTable}
	 * @param sentence what happened, where, and what to do about it
	 * @param cause the error underneath, kept for the log
	 */
	constructor(
		readonly code: ErrorCode,
		sentence: string,
		cause?: unknown,
	) {
		super(sentence, cause === undefined ? undefined : { cause });
	}
}

/** Makes a {@link FlowbrokerError} of whatever was thrown, keeping one that already is. */
export function toFlowbrokerError(error: unknown, code: ErrorCode, sentence: string): FlowbrokerError {
	return error instanceof FlowbrokerError ? error : new FlowbrokerError(code, sentence, error);
}
