import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startBroker, type TestBroker } from "../helpers/broker";
import { findProgram, type Output, run, start } from "../helpers/peer-program";

const cli = join(__dirname, "../../dist/runtime/cli.js");

let open: TestBroker;
let closed: TestBroker;
let secure: TestBroker;
let folder: string;

/** A retained message for each of these topics, one of them with all properties. */
const retained = [
	["r/a", "hello"],
	["r/b", '{"a": 1.50, "b": "ü\\n"}'],
	["r/c", ""],
] as const;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "flowbroker-pub-sub-"));
	writeFileSync(join(folder, "message.bin"), Buffer.from([0, 255, 10, 65]));
	writeFileSync(join(folder, "acl"), "user u\ntopic readwrite ok/#\n");
	execFileSync(findProgram("mosquitto_passwd"), ["-b", "-c", join(folder, "passwd"), "u", "p"]);
	makeCertificates();
	open = await startBroker();
	const access = { kind: "mosquitto", passwordFile: join(folder, "passwd"), aclFile: join(folder, "acl") };
	closed = await startBroker({ access, anonymous: false });
	const tls = { certFile: join(folder, "server.pem"), keyFile: join(folder, "server.key") };
	secure = await startBroker({ listeners: [{ kind: "tls", port: 0, host: "127.0.0.1", tls }] });
	for (const [topic, payload] of retained) {
		await run(findProgram("mosquitto_pub"), ["-p", `${open.port}`, "-t", topic, "-r", "-m", payload]);
	}
	const all =
		"content-type text/x,user-property k v,user-property l w,response-topic x/y,correlation-data cd,payload-format-indicator 1";
	const properties = all.split(",").flatMap((one) => ["-D", "publish", ...one.split(" ")]);
	await run(findProgram("mosquitto_pub"), [
		"-p",
		`${open.port}`,
		"-V",
		"5",
		"-t",
		"v5/a",
		"-r",
		"-q",
		"1",
		"-m",
		"five",
		...properties,
	]);
});

afterAll(async () => {
	await Promise.all([open, closed, secure].map(({ broker }) => broker.stop()));
	rmSync(folder, { recursive: true });
});

function makeCertificates(): void {
	const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
	writeFileSync(join(folder, "san"), "subjectAltName=DNS:elsewhere.example");
	const request = ["req", "-newkey", "rsa:2048", "-nodes", "-subj"];
	openssl(...request, "/CN=Test CA", "-x509", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem");
	openssl(...request, "/CN=elsewhere.example", "-keyout", "server.key", "-out", "server.csr");
	const signed = ["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
	openssl(...signed, "-days", "2", "-extfile", "san", "-out", "server.pem");
}

/** What both commands print and answer; moments differ. */
function comparable({ code, stdout, stderr }: Output) {
	const timeless = stdout.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6}Z)?[+-]\d{4}/g, "TIME");
	const lines = stderr.replaceAll("mosquitto_", "flowbroker ").split("\n");
	const said = lines.filter((line) => line !== "" && !line.startsWith("Hint: "));
	return { code, stdout: timeless.replace(/"mid":\d+/g, '"mid":N'), said };
}

function fill(args: readonly string[], port: number): string[] {
	return [
		"-h",
		"127.0.0.1",
		"-p",
		String(port),
		...args.map((arg) => arg.replace("FOLDER", folder).replace("PORT", String(port))),
	];
}

async function both(command: "pub" | "sub", args: readonly string[], port: number, input?: string) {
	const all = fill(args, port);
	const [theirs, ours] = [
		await run(findProgram(`mosquitto_${command}`), all, input),
		await run(process.execPath, [cli, command, ...all], input),
	];
	return { theirs: comparable(theirs), ours: comparable(ours) };
}

describe("flowbroker sub prints what mosquitto_sub prints", () => {
	const one = ["-C", "1", "-W", "10"];
	test.each<[string[]]>([
		[["-t", "r/a", ...one]],
		[["-t", "r/a", "-v", ...one]],
		[["--topic", "r/#", "--verbose", "-C", "2", "-W", "10"]],
		[["-t", "r/a", "-t", "r/b", "-C", "2", "-W", "10", "-q", "1"]],
		[["-t", "r/a", "-N", ...one]],
		[["-t", "r/a", "-V", "mqttv31", ...one]],
		[["-t", "r/a", "-V", "mqttv5", ...one]],
		[["-t", "r/a", "-i", "me", "-d", ...one]],
		[["-t", "r/a", "-t", "r/b", "-i", "me", "-d", "-q", "2", "-V", "5", "-C", "2", "-W", "10"]],
		[["-t", "r/a", "-i", "me", "-c", "-k", "20", "-x", "10", "-V", "5", ...one]],
		[["-t", "r/a", "-I", "pre", ...one]],
		[["-t", "r/a", "-u", "anybody", ...one]],
		[["-t", "v5/a", "-V", "5", "-F", "%t|%p|%q|%r|%l|%m|%x|%X|%C|%R|%D|%F|%P|%%", ...one]],
		[["-t", "r/a", "-F", "%8t|%-8t|%08l|%.2t|%I|@@|\\t\\\\|\\e[1m", ...one]],
		[["-t", "r/a", "-F", "@Y-@m-@d @j @a @b @y @D @Q", ...one]],
		[["-t", "r/a", "-F", "%j", ...one]],
		[["-t", "r/b", "-F", "%J", ...one]],
		[["-t", "r/a", "-F", "%J", ...one]],
		[["-t", "v5/a", "-V", "5", "-F", "%j", "-q", "1", ...one]],
		[["-t", "r/#", "-T", "r/a", "-v", ...one]],
		[["-t", "nothing", "-E", "-W", "10"]],
		[["-t", "r/#", "-R", "-W", "1"]],
		[["-t", "nothing", "-W", "1"]],
		[["-t", "nothing", "-W", "1", "--will-topic", "w", "--will-payload", "x", "--will-qos", "1", "--will-retain"]],
		[["-t", "r/a", "-t", "r/b", "-U", "other", "-i", "me", "-v", "-C", "2", "-W", "10"]],
	])("%j", async (args) => {
		const { theirs, ours } = await both("sub", args, open.port);
		expect(ours).toEqual(theirs);
	});

	test("with a URL", async () => {
		const args = ["-L", `mqtt://127.0.0.1:${open.port}/r/a`, "-C", "1", "-W", "10"];
		const theirs = await run(findProgram("mosquitto_sub"), args);
		expect(await run(process.execPath, [cli, "sub", ...args])).toEqual(theirs);
		expect(theirs.stdout).toBe("hello\n");
	});
});

describe("flowbroker pub does what mosquitto_pub does", () => {
	test.each<{ args: string[]; input?: string }>([
		{ args: ["-t", "p/a", "-m", "x"] },
		{ args: ["-t", "p/a", "-m", "x", "-q", "1", "-d", "-i", "me"] },
		{ args: ["-t", "p/a", "-m", "x", "-q", "2", "-d", "-i", "me", "-V", "mqttv31"] },
		{ args: ["-t", "p/a", "-m", "x", "-q", "2", "-d", "-i", "me", "-V", "5", "-r"] },
		{ args: ["-t", "p/a", "-n", "-r"] },
		{ args: ["-t", "p/a", "-f", "FOLDER/message.bin"] },
		{ args: ["-t", "p/a", "-s", "-d", "-i", "me"], input: "several\nlines\n" },
		{ args: ["-t", "p/a", "-l", "-d", "-i", "me"], input: "one\n\nthree" },
		{ args: ["-t", "p/a", "-m", "x", "--repeat", "3", "--repeat-delay", "0.01", "-d", "-i", "me"] },
		{
			args: [
				"-t",
				"p/a",
				"-m",
				"x",
				"-D",
				"publish",
				"user-property",
				"a",
				"b",
				"-D",
				"connect",
				"receive-maximum",
				"9",
			],
		},
		{ args: ["-t", "p/a", "-m", "ü", "--will-topic", "w", "--will-payload", "gone"] },
		{ args: ["-t", "p/a", "-m", "x", "-V", "5", "-x", "60", "-c", "-i", "keeps"] },
	])("$args", async ({ args, input }) => {
		const watch = ["-p", `${open.port}`, "-t", "p/#", "-V", "5", "-F", "%t %x %r %q %P", "-W", "30", "-q", "2"];
		const send = (...words: string[]) => run(findProgram("mosquitto_pub"), ["-p", `${open.port}`, ...words]);
		const seen = async (program: string, words: string[]) => {
			const subscribed = nextSubscription(open);
			const watcher = start(findProgram("mosquitto_sub"), [...watch, "--retain-as-published"]);
			await subscribed;
			const output = comparable(await run(program, words, input));
			await send("-t", "p/a", "-n", "-r");
			await send("-t", "p/end", "-n");
			await watcher.line((line) => line.startsWith("p/end"));
			return { output, messages: (await watcher.kill()).stdout };
		};
		const all = fill(args, open.port);
		const theirs = await seen(findProgram("mosquitto_pub"), all);
		const ours = await seen(process.execPath, [cli, "pub", ...all]);
		expect(ours).toEqual(theirs);
		expect(theirs.output.code).toBe(0);
	});
});

describe("flowbroker pub and sub refuse what Mosquitto's clients refuse, in the same words", () => {
	const message = ["-t", "a", "-m", "x"];
	test.each<["pub" | "sub", string[]]>([
		["pub", ["-t", "a/+", "-m", "x"]],
		["pub", [...message, "-q", "3"]],
		["pub", [...message, "-Z"]],
		["pub", [...message, "extra"]],
		["pub", ["-m", "x", "-t"]],
		["pub", [...message, "-x"]],
		["pub", [...message, "-n"]],
		["pub", [...message, "-V", "9"]],
		["pub", [...message, "-i", ""]],
		["pub", [...message, "-p", "99999"]],
		["pub", [...message, "-k", "2"]],
		["pub", [...message, "-c"]],
		["pub", [...message, "--will-payload", "x"]],
		["pub", ["-t", "a", "-f", "/no/such/file"]],
		["pub", [...message, "-D", "publish", "content-typo", "x"]],
		["pub", [...message, "-D", "connect", "content-type", "x"]],
		["pub", [...message, "-p", "1"]],
		["pub", [...message, "-h", "nowhere.invalid"]],
		["pub", [...message, "--unix", "/no/such/socket"]],
		["pub", [...message, "-t", "b", "-C", "1"]],
		["sub", []],
		["sub", ["-t", "a/#/b"]],
		["sub", ["-t", "a", "-C", "0"]],
		["sub", ["-t", "a", "-F", "%z"]],
		["sub", ["-t", "a", "-F", "\\q"]],
		["sub", ["-t", "a", "-m", "x"]],
	])("%s %j", async (command, args) => {
		const { theirs, ours } = await both(command, args, open.port);
		expect(ours).toEqual(theirs);
		expect(theirs.code).toBe(1);
	});

	test.each<["pub" | "sub", string[]]>(
		["31", "311", "5"].flatMap((version): ["pub" | "sub", string[]][] => [
			["pub", [...message, "-V", version]],
			["pub", [...message, "-V", version, "-L", "mqtt://u:wrong@127.0.0.1:PORT/a"]],
			["pub", [...message, "-V", version, "-L", "mqtt://u:p@127.0.0.1:PORT/a", "-q", "1", "-i", "m"]],
			["sub", ["-t", "ok/a", "-V", version, "-W", "10"]],
			["sub", ["-t", "a", "-V", version, "-W", "3", "-L", "mqtt://u:p@127.0.0.1:PORT/a"]],
		]),
	)("%s %j of a broker with users", async (command, args) => {
		const { theirs, ours } = await both(command, args, closed.port);
		expect(ours).toEqual(theirs);
	});
});

describe("flowbroker pub and sub speak TLS", () => {
	test.each<[string, string[], boolean]>([
		["trust a certificate of another host when told to", ["--cafile", "FOLDER/ca.pem", "--insecure"], true],
		["refuse a certificate that nobody vouches for", ["--cafile", "FOLDER/server.pem", "--insecure"], false],
		["refuse a certificate of another host", ["--cafile", "FOLDER/ca.pem"], false],
	])("and %s, as mosquitto_pub does", async (_what, args, works) => {
		const { theirs, ours } = await both("pub", ["-t", "a", "-m", "x", ...args], secure.port);
		// Mosquitto's own exit code of a refusal is now 1, now 8.
		expect([ours.code === 0, theirs.code === 0]).toEqual([works, works]);
		expect(ours.code).toBe(works ? 0 : 1);
		expect(ours.stdout).toBe(theirs.stdout);
	});
});

test("a password comes from the environment, and one on the command line brings a hint", async () => {
	const args = [cli, "pub", "-h", "127.0.0.1", "-p", String(closed.port), "-t", "ok/a", "-m", "x", "-u", "u"];
	const env = { ...process.env, FLOWBROKER_PASSWORD: "p" };
	const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
		execFile(process.execPath, args, { env }, (error, _stdout, text) => resolve({ code: error ? 1 : 0, stderr: text }));
	});
	expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	const hinted = await run(process.execPath, [...args, "-P", "p"]);
	expect(hinted).toMatchObject({ code: 0, stderr: expect.stringContaining("FLOWBROKER_PASSWORD hides it") });
});

/** Resolves when the next client has subscribed. */
function nextSubscription({ broker }: TestBroker): Promise<void> {
	return new Promise((resolve) => {
		broker.events.once("subscribed", () => resolve());
	});
}
