/** The settings of `flowbroker run`: one line each, with the three places that may say it. */

/**
 * `path`: a file or folder; `paths`: a list of them; `flag`: yes or no; `port`: 0 to 65535; `number`: a
 * whole number from 1; `text`; and words of a list.
 */
export type SettingKind = "path" | "paths" | "flag" | "port" | "number" | "text" | readonly string[];

export interface Setting {
	/** In the configuration file. */
	readonly key: string;
	/** The option of the command, without the dashes; none for the flow files, which are its words. */
	readonly option: string | undefined;
	/** The environment variable. */
	readonly variable: string;
	readonly kind: SettingKind;
	/** What holds when nobody says anything. */
	readonly otherwise: string | undefined;
	/** For the schema and the commented file. */
	readonly help: string;
	/** For the commented file. */
	readonly example: string | number | boolean | readonly string[];
}

const setting = (
	key: string,
	option: string | undefined,
	variable: string,
	kind: SettingKind,
	otherwise: string | undefined,
	help: string,
	example: Setting["example"],
): Setting => ({ key, option, variable: `FLOWBROKER_${variable}`, kind, otherwise, help, example });

export const settings: readonly Setting[] = [
	setting("flows", undefined, "FLOWS", "paths", undefined, "The flow files.", ["flow.json"]),
	setting(
		"port",
		"port",
		"PORT",
		"port",
		"1883",
		"Port of the flow's broker, where the flow reads it from FLOWBROKER_PORT.",
		1883,
	),
	setting("data", "data", "DATA", "path", undefined, "Folder for stored data and more Node-RED packages.", "data"),
	setting("secrets", "secrets", "SECRETS", "path", undefined, "File with the secrets of the nodes.", "secrets.json"),
	setting("credentials", "credentials", "CREDENTIALS", "path", undefined, "Node-RED's own file.", "flows_cred.json"),
	setting(
		"credentialSecretFile",
		"credential-secret",
		"CREDENTIAL_SECRET_FILE",
		"path",
		undefined,
		"File with the secret that opens Node-RED's file of credentials.",
		"credential-secret",
	),
	setting("watch", "watch", "WATCH", "flag", "false", "Run changed files as soon as they are saved.", true),
	setting(
		"memory",
		"memory",
		"MEMORY",
		"number",
		undefined,
		"Megabytes that the process may have; it ends in good order, and may be restarted, when it has more.",
		256,
	),
	setting(
		"rollback",
		"rollback",
		"ROLLBACK",
		"number",
		undefined,
		"Seconds within which a new flow that fails is replaced by the last good one, which is kept in the data folder.",
		30,
	),
	setting("log", "log", "LOG", ["text", "json"], "text", "Form of the log: for people, or one object a line.", "json"),
	setting(
		"logLevel",
		"log-level",
		"LOG_LEVEL",
		["error", "warn", "info", "debug", "trace"],
		"warn",
		"How much is logged; warn has the Debug nodes too.",
		"info",
	),
	setting("http", "http", "HTTP", "port", undefined, "Port of /health, /ready, /metrics and the admin API.", 1880),
	setting("httpHost", "http-host", "HTTP_HOST", "text", "127.0.0.1", "Bind address of that server.", "127.0.0.1"),
	setting("tokenFile", "token-file", "TOKEN_FILE", "path", undefined, "File with the token of that server.", "token"),
	setting(
		"httpCert",
		"http-cert",
		"HTTP_CERT",
		"path",
		undefined,
		"Certificate of that server, for https.",
		"server.pem",
	),
	setting("httpKey", "http-key", "HTTP_KEY", "path", undefined, "Private key of that certificate.", "server-key.pem"),
	setting(
		"allowDeploy",
		"allow-deploy",
		"ALLOW_DEPLOY",
		"flag",
		"false",
		"Let who has the token deploy another flow: it takes the place of the flow file.",
		true,
	),
];
