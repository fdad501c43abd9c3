import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { IClientOptions } from "mqtt";
import { type Issued, issueCertificate } from "../../../broker/certs/certificate";
import { connect } from "../../helpers/mqtt-client";
import { type House, makeHouse } from "./house";
import { namedAccess } from "./named-access";
import { nextRefusal, nextState, type RunningBroker, run, wire } from "./running";

let house: House;
beforeAll(async () => {
	house = await makeHouse();
});
afterAll(async () => house[Symbol.asyncDispose]());

const withTls = (tls: object, rest: object = {}) =>
	run({ listeners: [{ kind: "tls", port: 0, tls: { ...house.files, ...tls } }], ...rest }, { access: namedAccess() });

const open = (running: RunningBroker, client?: Issued, options: IClientOptions = {}) =>
	connect(`mqtts://127.0.0.1:${running.port("tls")}`, {
		ca: house.ca.certificatePem,
		...(client && { cert: client.certificatePem, key: client.keyPem }),
		...options,
	});

describe("client certificates", () => {
	test("are needed where they are required, and name the user", async () => {
		await using running = await withTls({ requestCert: "required", caFile: house.caFile, userFrom: "cn" });
		const client = await open(running, await house.client("Küche 1"), { username: "somebody else" });
		expect(running.broker.clients()).toMatchObject([{ user: "Küche 1" }]);
		await client.close();
		const refusal = nextRefusal(running.broker);
		await expect(open(running)).rejects.toThrow();
		expect((await refusal).reason).toBe("showed no certificate, and this listener needs one");
	});

	test("may be left out where they are optional, but a bad one is refused", async () => {
		await using running = await withTls({ requestCert: "optional", caFile: house.caFile, userFrom: "cn" });
		const plain = await open(running, undefined, { username: "anna" });
		expect(running.broker.clients()).toMatchObject([{ user: "anna" }]);
		await plain.close();
		const refusal = nextRefusal(running.broker);
		await expect(open(running, await house.client("old", -1))).rejects.toThrow();
		expect((await refusal).reason).toBe("showed a certificate that has expired");
	});

	test("can name the user by their whole subject", async () => {
		await using running = await withTls({ requestCert: "required", caFile: house.caFile, userFrom: "subject" });
		const client = await open(running, await house.client("lamp, hall"));
		expect(running.broker.clients()).toMatchObject([{ user: "CN=lamp\\, hall" }]);
		await client.close();
	});

	test.each([
		["expired", "has expired"],
		["foreign", "is not from a CA that this listener trusts"],
		["self-signed", "is of a CA that has no revocation list here, or is not trusted"],
		["server", "is not made for clients"],
		["revoked", "was revoked"],
	])("A9 that are %s are refused", async (kind, why) => {
		const good = await house.client("good");
		const revoked = await house.client("revoked");
		const foreign = await makeHouse();
		const dates = { notBefore: new Date(Date.now() - 1_000), notAfter: new Date(Date.now() + 60_000) };
		const bad = {
			expired: () => house.client("expired", -1),
			foreign: () => foreign.client("foreign"),
			"self-signed": () => issueCertificate({ commonName: "own", ...dates, usage: "client" }),
			server: () => house.renew("server"),
			revoked: async () => revoked,
		}[kind as "expired"];
		const crlFile = await house.revoke(revoked.certificate);
		await using running = await withTls({ requestCert: "required", caFile: house.caFile, crlFile });
		const client = await open(running, good);
		const refusal = nextRefusal(running.broker);
		await expect(open(running, await bad())).rejects.toThrow();
		expect(await refusal).toMatchObject({ reason: `showed a certificate that ${why}`, address: "127.0.0.1" });
		await client.close();
		await foreign[Symbol.asyncDispose]();
	});

	test.each([
		["", "is empty"],
		["a+b", "holds +, # or /, which no user name may have"],
		["#", "holds +, # or /, which no user name may have"],
		["a/b", "holds +, # or /, which no user name may have"],
		["alice\0mallory", "holds characters that no user name may have"],
		["alice\n", "holds characters that no user name may have"],
	])("A9 with the common name %j log nobody in", async (name, why) => {
		await using running = await withTls({ requestCert: "required", caFile: house.caFile, userFrom: "cn" });
		const refusal = nextRefusal(running.broker);
		await expect(open(running, await house.client(name))).rejects.toThrow();
		expect((await refusal).reason).toBe(`can't be logged in: the common name of its certificate ${why}`);
	});
});

describe("a handshake", () => {
	test("that a client breaks off tells why: it does not trust the listener's CA", async () => {
		await using running = await withTls({});
		const refusal = nextRefusal(running.broker);
		const foreign = await makeHouse();
		await expect(open(running, undefined, { ca: foreign.ca.certificatePem })).rejects.toThrow();
		expect((await refusal).reason).toMatch(/^(does not trust the certificate of this listener|left during)/);
		await foreign[Symbol.asyncDispose]();
	});

	test("without TLS tells what the client should use", async () => {
		await using running = await withTls({});
		const refusal = nextRefusal(running.broker);
		await expect(connect(`mqtt://127.0.0.1:${running.port("tls")}`)).rejects.toThrow();
		expect((await refusal).reason).toContain("does not speak TLS: it must use mqtts:// here");
	});

	test("with TLS 1.1, or with TLS 1.2 where only 1.3 is allowed, fails", async () => {
		await using running = await withTls({ minVersion: "TLSv1.3" });
		await expect(open(running, undefined, { maxVersion: "TLSv1.2" } as IClientOptions)).rejects.toThrow();
		await using usual = await withTls({});
		const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as IClientOptions;
		await expect(open(usual, undefined, old)).rejects.toThrow();
		const client = await open(usual, undefined, { maxVersion: "TLSv1.2" } as IClientOptions);
		await client.close();
	});

	test("M4 that is not finished ends after the time for a login, and others are served meanwhile", async () => {
		await using running = await withTls({}, { limits: { connectTimeout: 1 } });
		const halfOpen = await Promise.all(Array.from({ length: 20 }, () => wire(running.port("tls"))));
		const refusal = nextRefusal(running.broker);
		const client = await open(running);
		expect(await refusal).toMatchObject({ listener: "tls", reason: "was not ready for MQTT within 1 seconds" });
		await Promise.all(halfOpen.map(({ ended }) => ended));
		await client.close();
	});
});

describe("certificates on the disk", () => {
	const shown = (running: RunningBroker): Promise<string> =>
		new Promise((resolve, reject) => {
			const port = running.port("tls");
			const socket: TLSSocket = connectTls({ port, host: "127.0.0.1", ca: house.ca.certificatePem }, () => {
				resolve(String(socket.getPeerCertificate().subject.CN));
				socket.destroy();
			});
			socket.once("error", reject);
		});

	test("are taken over when they are replaced: for new connections, while old ones stay", async () => {
		await house.renew("before");
		await using running = await withTls({});
		const old = await open(running);
		expect(await shown(running)).toBe("before");
		const changed = nextState(running.broker, "tls", ({ certificate }) => certificate?.subject === "CN=after");
		await house.renew("after");
		expect(await changed).toMatchObject({ up: true, error: undefined });
		expect(await shown(running)).toBe("after");
		await old.mqtt.subscribeAsync("still");
		await old.mqtt.publishAsync("still", "here");
		expect((await old.next()).text).toBe("here");
		await old.close();
	});

	test("are not taken over when they are broken: the old one stays in use, and the state tells why", async () => {
		await house.renew("kept");
		await using running = await withTls({});
		const told = nextState(running.broker, "tls", ({ error }) => error !== undefined);
		await writeFile(house.files.certFile, "-----BEGIN CERTIFICATE-----\nbroken");
		const { up, error, certificate } = await told;
		expect({ up, code: error?.code, subject: certificate?.subject }).toEqual({
			up: true,
			code: "CERTIFICATE_INVALID",
			subject: "CN=kept",
		});
		expect(error?.message).toContain(house.files.certFile);
		expect(await shown(running)).toBe("kept");
		const healed = nextState(running.broker, "tls", (state) => state.error === undefined);
		await house.renew("healed");
		expect((await healed).certificate?.subject).toBe("CN=healed");
	});

	test("revoke clients from the next connection on when the revocation list is replaced", async () => {
		const client = await house.client("soon revoked");
		const crlFile = await house.revoke();
		await using running = await withTls({ requestCert: "required", caFile: house.caFile, crlFile });
		const before = await open(running, client);
		await before.close();
		const changed = nextState(running.broker, "tls", ({ error }) => error === undefined);
		const list = await house.revoke(client.certificate);
		await rename(list, join(house.folder, "crl.new"));
		await rename(join(house.folder, "crl.new"), crlFile);
		await changed;
		await expect(open(running, client)).rejects.toThrow();
	});

	test.each([
		["missing", "CERTIFICATE_UNREADABLE", /can't be read from .*there is no such file/],
		["no certificate", "CERTIFICATE_INVALID", /There is no certificate in the file .*BEGIN CERTIFICATE/],
		["no key", "CERTIFICATE_INVALID", /There is no private key in the file .*BEGIN PRIVATE KEY/],
		["other key", "CERTIFICATE_KEY_MISMATCH", /does not belong to the certificate in the file/],
		["no passphrase", "CERTIFICATE_PASSPHRASE", /needs a passphrase\. Set tls\.passphrase/],
		["wrong passphrase", "CERTIFICATE_PASSPHRASE", /does not open with the passphrase of the settings/],
		["expired", "CERTIFICATE_EXPIRED", /expired on \d{4}-\d\d-\d\d\. Renew it/],
		["not yet valid", "CERTIFICATE_NOT_YET_VALID", /only valid from .* Is its clock right\?/],
	])("with the problem %j keep the listener down, and a sentence says what to do", async (problem, code, sentence) => {
		const own = await makeHouse();
		const { certFile, keyFile } = own.files;
		const server = await own.renew("server");
		const encrypted = server.key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "right" });
		const day = 86_400_000;
		const issue = async (from: number, to: number) => {
			const [notBefore, notAfter] = [new Date(Date.now() + from * day), new Date(Date.now() + to * day)];
			const issued = await issueCertificate({ commonName: "x", notBefore, notAfter, usage: "server", issuer: own.ca });
			await writeFile(certFile, issued.certificatePem);
			await writeFile(keyFile, issued.keyPem);
		};
		const prepare: Record<string, () => Promise<unknown>> = {
			missing: () => rm(certFile),
			"no certificate": () => writeFile(certFile, "nothing"),
			"no key": () => writeFile(keyFile, "nothing"),
			"other key": () => writeFile(keyFile, own.ca.keyPem),
			"no passphrase": () => writeFile(keyFile, encrypted),
			"wrong passphrase": () => writeFile(keyFile, encrypted),
			expired: () => issue(-3, -2),
			"not yet valid": () => issue(2, 3),
		};
		await prepare[problem]?.();
		const tls = { ...own.files, ...(problem === "wrong passphrase" && { passphrase: "secret words" }) };
		await using running = await run({ listeners: [{ kind: "tls", port: 0, tls }] });
		const { up, error } = running.listener("tls");
		expect({ up, code: error?.code }).toEqual({ up: false, code });
		expect(error?.message).toMatch(sentence);
		expect(error?.message).not.toContain("secret words");
		await own[Symbol.asyncDispose]();
	});

	test("can be given as text, with an encrypted key", async () => {
		const { certificatePem, key } = await house.renew("text");
		const encrypted = key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "right " });
		const tls = { cert: certificatePem, key: encrypted, passphrase: "right " };
		await using running = await run({ listeners: [{ kind: "tls", port: 0, tls }] });
		expect(await shown(running)).toBe("text");
	});
});
