/** The options of `flowbroker pub` and `flowbroker sub`: those of Mosquitto's clients, one a line. */

/** What follows an option: nothing, one value, one of several values, or a property in two to four words. */
export type OptionKind = "switch" | "value" | "list" | "property";

export interface ClientOption {
	/** As they are written: `-t`, `--topic`. */
	readonly flags: readonly string[];
	readonly kind: OptionKind;
	/** Which of the commands has it. */
	readonly of: "both" | "pub" | "sub";
	/** Behind "argument given but no ... specified." */
	readonly noun: string;
	readonly help: string;
}

const option = (flags: string, of: ClientOption["of"], kind: OptionKind, noun: string, help: string): ClientOption => {
	return { flags: flags.split(" "), of, kind, noun, help };
};

export const clientOptions = {
	host: option("-h --host", "both", "value", "host", "broker to connect to (default: localhost)"),
	port: option("-p --port", "both", "value", "port", "port (default: 1883, with TLS 8883)"),
	unix: option("--unix", "both", "value", "socket path", "connect to this socket file"),
	url: option("-L --url", "both", "value", "URL", "mqtt(s)://[user[:password]@]host[:port]/topic"),
	topic: option("-t --topic", "both", "list", "topic", "topic; sub takes several, with wildcards"),
	qos: option("-q --qos", "both", "value", "QoS", "quality of service: 0 (default), 1 or 2"),
	id: option("-i --id", "both", "value", "id", "client id"),
	idPrefix: option("-I --id-prefix", "both", "value", "id prefix", "client id made of this and the process id"),
	username: option("-u --username", "both", "value", "username", "user name"),
	password: option("-P --pw", "both", "value", "password", "password; better in the environment: FLOWBROKER_PASSWORD"),
	version: option("-V --protocol-version", "both", "value", "version", "mqttv5, mqttv311 (default) or mqttv31"),
	keepalive: option("-k --keepalive", "both", "value", "keepalive", "seconds between signs of life (default: 60)"),
	persistent: option("-c --disable-clean-session", "both", "switch", "", "keep the session; needs -i"),
	expiry: option("-x --session-expiry-interval", "both", "value", "session expiry interval", "seconds (MQTT 5)"),
	property: option("-D --property", "both", "property", "", "COMMAND NAME VALUE: property of MQTT 5, which it selects"),
	willTopic: option("--will-topic", "both", "value", "will topic", "topic of the last will"),
	willPayload: option("--will-payload", "both", "value", "will payload", "message of the last will"),
	willQos: option("--will-qos", "both", "value", "will QoS", "QoS of the last will"),
	willRetain: option("--will-retain", "both", "switch", "", "retain the last will"),
	cafile: option("--cafile", "both", "value", "file", "certificates to trust; switches TLS on"),
	cert: option("--cert", "both", "value", "file", "certificate of the client"),
	key: option("--key", "both", "value", "file", "private key of the client"),
	insecure: option("--insecure", "both", "switch", "", "accept a certificate for another host name"),
	osCerts: option("--tls-use-os-certs", "both", "switch", "", "trust the usual certificates; switches TLS on"),
	debug: option("-d --debug", "both", "switch", "", "show the packets"),
	quiet: option("--quiet", "both", "switch", "", "show no errors"),
	nodelay: option("--nodelay", "both", "switch", "", "send small packets at once"),
	message: option("-m --message", "pub", "value", "message", "the message"),
	null: option("-n --null-message", "pub", "switch", "", "an empty message; with -r it clears the topic"),
	file: option("-f --file", "pub", "value", "file", "the content of a file as the message"),
	stdinFile: option("-s --stdin-file", "pub", "switch", "", "the whole standard input as the message"),
	stdinLines: option("-l --stdin-line", "pub", "switch", "", "every line of the standard input as a message"),
	retain: option("-r --retain", "pub", "switch", "", "retain the message"),
	repeat: option("--repeat", "pub", "value", "count", "publish so many times"),
	repeatDelay: option("--repeat-delay", "pub", "value", "time", "seconds between repetitions"),
	verbose: option("-v --verbose", "sub", "switch", "", "show the topic before the message"),
	format: option("-F", "sub", "value", "format", "show messages in this format"),
	pretty: option("--pretty", "sub", "switch", "", "JSON over several lines"),
	noEol: option("-N", "sub", "switch", "", "no line end after a message"),
	count: option("-C", "sub", "value", "count", "end after so many messages"),
	timeout: option("-W", "sub", "value", "timeout", "end after so many seconds, with exit code 27"),
	exitAfterSubscribe: option("-E", "sub", "switch", "", "end when the broker has acknowledged the subscriptions"),
	noRetained: option("-R", "sub", "switch", "", "leave out retained messages"),
	retainedOnly: option("--retained-only", "sub", "switch", "", "end at the first message that is not retained"),
	removeRetained: option("--remove-retained", "sub", "switch", "", "clear the retained messages that come"),
	retainAsPublished: option("--retain-as-published", "sub", "switch", "", "show the retain flag as published (MQTT 5)"),
	filterOut: option("-T --filter-out", "sub", "list", "topic", "topic filter of messages to leave out"),
	unsubscribe: option("-U --unsubscribe", "sub", "list", "topic", "unsubscribe from this"),
} as const satisfies Record<string, ClientOption>;

export type OptionName = keyof typeof clientOptions;

/** The options of a command as its help shows them. */
export function optionRows(command: "pub" | "sub"): [string, string][] {
	const options: ClientOption[] = Object.values(clientOptions);
	return options.filter(({ of }) => of === "both" || of === command).map(({ flags, help }) => [flags.join(", "), help]);
}
