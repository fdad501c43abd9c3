import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;

const tab = { id: "t", type: "tab", label: "Home" };
const weather = { id: "h", type: "http request", z: "t", name: "Weather", authType: "basic" };
const secrets = { Weather: { user: "u", password: "do-not-show" } };

beforeAll(() => {
	workshop = new Workshop();
	const write = (name: string, content: unknown, mode = 0o600) =>
		chmodSync(workshop.write(`cwd/${name}`, content), mode);
	write("good.json", [tab]);
	write("weather.json", [tab, weather]);
	write("twins.json", [tab, weather, { ...weather, id: "h2" }]);
	write("inside.json", [tab, { ...weather, credentials: { user: "u", password: "$" + "{WEATHER_PASSWORD}" } }]);
	write("truncated.json", '[{"id": "t",\n "ty');
	write("secrets.json", secrets);
	write("open.json", secrets, 0o644);
	write("group.json", secrets, 0o640);
	write("broken-secrets.json", '{"Weather": {"password": "do-not-show"');
	write("broken-secrets.yaml", 'Weather:\n\tpassword: "do-not-show"');
	write("list-secrets.json", ["do-not-show"]);
	write("flat-secrets.json", { Weather: "do-not-show" });
	write("number-secrets.json", { Weather: { user: "u", password: 1234 } });
	write("empty-secrets.json", { Weather: { user: "u", password: "" } });
	write("variable-secrets.json", { Weather: { user: "u", password: "$" + "{NO_SUCH_VARIABLE}" } });
	write("plain_cred.json", { h: { user: "u", password: "do-not-show" } }, 0o644);
	write("locked_cred.json", { $: "00112233445566778899aabbccddeeffAAAAAAAA" });
	write("list_cred.json", []);
	write("secret", "wrong");
	write("open-secret", "wrong", 0o644);
	write("token", "a-token-of-enough-characters", 0o644);
	write("config-broken.json", '{\n"port": 1,\n"data" "x"}');
	write("config-list.json", "[]");
	write("config-unknown.json", '{\n"port": 1,\n"prot": 2 }');
	write("config-port.json", '{\n\n"port": "http" }');
	write("config-flag.json", '{"watch": "true"}');
	write("config-flows.json", '{"flows": [1]}');
	write("config-log.json", '{"log": "xml", "logLevel": "loud"}');
	mkdirSync(join(workshop.cwd, "folder"));
});

afterAll(() => workshop.remove());

interface BadInput {
	readonly args: string[];
	readonly env?: Record<string, string>;
	readonly says: string[];
	readonly exit: number;
}

const withSecrets = (file: string) => ["run", "weather.json", "--secrets", file];
const needs = 'weather.json: the http request "Weather" (node h) needs the secret "password"';

describe("a wrong input is answered with what is wrong, where, and what to do:", () => {
	test.each<BadInput>([
		{ args: ["check"], says: ["Name a flow file to check."], exit: 2 },
		{
			args: ["check", "good.json", "--format", "xml"],
			says: ["--format xml is not known: say text or json."],
			exit: 2,
		},
		{ args: ["check", "good.json", "--data", ""], says: ["--data needs the name of a folder."], exit: 2 },
		{ args: ["check", "good.json", "--password", "x"], says: ["A secret must not stand on the command line"], exit: 2 },
		{ args: ["run", "good.json", "--secret", "x"], says: ["A secret must not stand on the command line"], exit: 2 },
		{ args: ["run", "weather.json"], says: [needs, 'the secret "user"', "--secrets FILE"], exit: 2 },
		{ args: withSecrets("missing.json"), says: ["missing.json can't be read: there is no such file."], exit: 2 },
		{ args: withSecrets("folder"), says: ["folder can't be read: it is a folder."], exit: 2 },
		{
			args: withSecrets("open.json"),
			says: ["other users of this machine can read it", "chmod 600 open.json"],
			exit: 2,
		},
		{ args: withSecrets("group.json"), says: ["chmod 600 group.json"], exit: 2 },
		{ args: withSecrets("broken-secrets.json"), says: ["is not valid JSON: see line 1, column 39"], exit: 2 },
		{ args: withSecrets("broken-secrets.yaml"), says: ["is not valid YAML: see line 2"], exit: 2 },
		{ args: withSecrets("list-secrets.json"), says: ["must name nodes, each with its secrets"], exit: 2 },
		{ args: withSecrets("flat-secrets.json"), says: ['must give "Weather" the names of its secrets'], exit: 2 },
		{
			args: withSecrets("number-secrets.json"),
			says: ['a text as "password" of "Weather": put the value in quotes'],
			exit: 2,
		},
		{ args: withSecrets("empty-secrets.json"), says: [`${needs}, which is empty in empty-secrets.json.`], exit: 2 },
		{
			args: withSecrets("variable-secrets.json"),
			says: [needs, "names the environment variable NO_SUCH_VARIABLE"],
			exit: 2,
		},
		{ args: ["run", "inside.json"], says: ["inside.json names the environment variable WEATHER_PASSWORD"], exit: 2 },
		{
			args: ["run", "twins.json", "--secrets", "secrets.json"],
			says: ['"Weather" in secrets.json could mean h or h2'],
			exit: 2,
		},
		{
			args: ["run", "weather.json"],
			env: { CREDENTIALS_DIRECTORY: "/no/such/folder" },
			says: ["The systemd credentials in /no/such/folder can't be read"],
			exit: 2,
		},
		{ args: ["run", "weather.json", "--credentials", "plain_cred.json"], says: ["chmod 600 plain_cred.json"], exit: 2 },
		{
			args: ["run", "weather.json", "--credentials", "locked_cred.json"],
			says: ["locked_cred.json is encrypted.", "NODE_RED_CREDENTIAL_SECRET"],
			exit: 2,
		},
		{
			args: ["run", "weather.json", "--credentials", "locked_cred.json", "--credential-secret", "secret"],
			says: ["locked_cred.json can't be opened with this secret."],
			exit: 2,
		},
		{
			args: ["run", "weather.json", "--credentials", "locked_cred.json", "--credential-secret", "open-secret"],
			says: ["chmod 600 open-secret"],
			exit: 2,
		},
		{
			args: ["run", "weather.json", "--credentials", "list_cred.json"],
			says: ["list_cred.json is not what Node-RED writes."],
			exit: 2,
		},
		{ args: ["secrets"], says: ["Say what to do: template."], exit: 2 },
		{ args: ["secrets", "template"], says: ["Name a flow file."], exit: 2 },
		{
			args: ["secrets", "template", "truncated.json"],
			says: ["truncated.json is incomplete: it ends at line 2"],
			exit: 2,
		},
		{
			args: ["secrets", "template", "weather.json", "--output", "good.json"],
			says: ["good.json is there already"],
			exit: 2,
		},
		{
			args: ["secrets", "template", "weather.json", "--output", "no/where.json"],
			says: ["there is no such folder"],
			exit: 1,
		},
		{ args: ["run"], says: ["Name a flow file to run."], exit: 2 },
		{
			args: ["run", "--config", "missing.json"],
			says: ["The configuration missing.json can't be read: there is no such file."],
			exit: 2,
		},
		{
			args: ["run", "--config", "folder"],
			says: ["The configuration folder can't be read: it is a folder."],
			exit: 2,
		},
		{
			args: ["run", "good.json", "--http", "0", "--token-file", "no-token"],
			says: ["The token file no-token can't be read: there is no such file."],
			exit: 2,
		},
		{
			args: ["run", "--config", "config-broken.json"],
			says: ["config-broken.json, line 3, column 8: this is not valid JSON."],
			exit: 2,
		},
		{
			args: ["run", "--config", "config-list.json"],
			says: ["config-list.json must hold settings between { and }."],
			exit: 2,
		},
		{
			args: ["run", "--config", "config-unknown.json"],
			says: ['config-unknown.json, line 3: there is no setting "prot".'],
			exit: 2,
		},
		{
			args: ["run", "--config", "config-port.json"],
			says: ['config-port.json, line 3: the setting "port" is wrong: http is no port'],
			exit: 2,
		},
		{
			args: ["run", "--config", "config-flag.json"],
			says: ["it must be true or false, without quotation marks."],
			exit: 2,
		},
		{ args: ["run", "--config", "config-flows.json"], says: ["it must be a list of file names"], exit: 2 },
		{
			args: ["run", "--config", "config-log.json"],
			says: ["xml is not known: say text or json.", "loud is not known"],
			exit: 2,
		},
		{
			args: ["run", "good.json"],
			env: { FLOWBROKER_PORT: "70000" },
			says: ["FLOWBROKER_PORT is wrong: 70000 is no port"],
			exit: 2,
		},
		{
			args: ["run", "good.json"],
			env: { FLOWBROKER_WATCH: "perhaps" },
			says: ["perhaps is neither true nor false."],
			exit: 2,
		},
		{ args: ["run", "good.json", "--log", "xml"], says: ["--log xml is not known: say text or json."], exit: 2 },
		{ args: ["run", "good.json", "--http", "0", "--token-file", "token"], says: ["chmod 600 token"], exit: 2 },
		{ args: ["config", "hide"], says: ['There is no command "config hide".'], exit: 2 },
		{ args: ["config", "schema", "x"], says: ["There is a word too many."], exit: 2 },
		{
			args: ["certs", "create", "--host", "home", "--out", "/proc/no/where"],
			says: ["The folder /proc/no/where can't be made"],
			exit: 1,
		},
		{
			args: ["user", "add", "rajan", "--generate", "--data", "/proc/no", "--broker", "b"],
			says: ["The folder /proc/no/flowbroker/b can't be made"],
			exit: 2,
		},
		{ args: ["init", "a", "b"], says: ["Name one folder."], exit: 2 },
		{ args: ["pub", "-t", "a"], says: ["Error: Both topic and message must be supplied."], exit: 1 },
		{ args: ["pub", "-t", "a", "-m", "x", "-p", "1"], says: ["Error: Connection refused"], exit: 1 },
		{ args: ["pub", "-t", "a", "-m", "x", "-p", "1", "-q", "3"], says: ["Error: Invalid QoS given: 3"], exit: 1 },
		{ args: ["sub", "-t", "a", "-p", "1", "-q", "x"], says: ["Error: Invalid QoS given: x"], exit: 1 },
		{ args: ["pub", "-t", "a", "-m", "x", "-L", "http://x"], says: ["Invalid URL for -L argument"], exit: 1 },
		{ args: ["sub", "-L", "mqtt://a%zz@x/y"], says: ["Invalid URL for -L argument"], exit: 1 },
		{ args: ["sub"], says: ["Error: You must specify a topic to subscribe to."], exit: 1 },
		{ args: ["sub", "-t", "a", "--cafile", "/no/such"], says: ["Error: Problem setting TLS options"], exit: 1 },
	])("$args $env", async ({ args, env = {}, says, exit }) => {
		const { code, stdout, stderr } = await workshop.run(args, { FLOWBROKER_PORT: "", ...env });
		for (const text of says) expect(stderr).toContain(text);
		expect(stderr).not.toMatch(/do-not-show|unforeseen|\n {4}at /);
		expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
	});
});
