import { X509Certificate } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createCertificates } from "../../../broker/certs/create";

let out: string;
beforeEach(async () => {
	out = await mkdtemp(join(tmpdir(), "flowbroker-certs-"));
});
afterEach(() => rm(out, { recursive: true }));

const read = async (path: string) => new X509Certificate(await readFile(path));

describe("createCertificates", () => {
	test("makes a CA and a server certificate for names and addresses", async () => {
		const hosts = ["pi.local", "*.house.example", "192.168.1.4", "::1", "2001:db8::ff:1"];
		const made = await createCertificates({ hosts, days: 30, out: join(out, "new", "folder") });
		const [ca, server] = [await read(made.ca), await read(made.cert)];
		expect(ca.ca).toBe(true);
		expect(ca.verify(ca.publicKey)).toBe(true);
		expect(server.ca).toBe(false);
		expect(server.verify(ca.publicKey)).toBe(true);
		expect(server.checkIssued(ca)).toBe(true);
		expect(server.subject).toBe("CN=pi.local");
		expect(server.checkHost("pi.local")).toBe("pi.local");
		expect(server.checkHost("lamp.house.example")).toBe("*.house.example");
		expect(server.checkHost("other.local")).toBeUndefined();
		for (const address of hosts.slice(2)) expect(server.checkIP(address)).toBe(address);
		expect(server.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
		expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
		const days = (Date.parse(server.validTo) - Date.now()) / 86_400_000;
		expect(Math.round(days)).toBe(30);
		expect(Math.abs(made.notAfter - Date.parse(server.validTo))).toBeLessThan(1_000);
	});

	test("keeps keys to their owner and certificates readable", async () => {
		const made = await createCertificates({ hosts: ["localhost"], out, clients: ["hall lamp"] });
		const modes = async (...paths: string[]) =>
			Promise.all(paths.map(async (path) => ((await stat(path)).mode & 0o777).toString(8)));
		const [client] = made.clients;
		expect(await modes(made.caKey, made.key, client?.key ?? "")).toEqual(["600", "600", "600"]);
		expect(await modes(made.ca, made.cert, client?.cert ?? "")).toEqual(["644", "644", "644"]);
	});

	test("uses the CA that is there again, byte for byte", async () => {
		const first = await createCertificates({ hosts: ["a.example"], out });
		const before = [await readFile(first.ca), await readFile(first.caKey)];
		const second = await createCertificates({ hosts: ["b.example"], out, clients: ["anna"] });
		expect([first.newCa, second.newCa]).toEqual([true, false]);
		expect([await readFile(second.ca), await readFile(second.caKey)]).toEqual(before);
		const ca = await read(second.ca);
		expect((await read(second.cert)).checkIssued(ca)).toBe(true);
		const anna = await read(second.clients[0]?.cert ?? "");
		expect([anna.subject, anna.keyUsage, anna.checkIssued(ca)]).toEqual(["CN=anna", ["1.3.6.1.5.5.7.3.2"], true]);
	});

	test.each([
		["its key is missing", async (_ca: string, key: string) => rm(key)],
		["its certificate is missing", async (ca: string) => rm(ca)],
		["its key is damaged", async (_ca: string, key: string) => writeFile(key, "nothing")],
		[
			"another key lies there",
			async (_ca: string, key: string) => writeFile(key, await readFile(join(out, "server-key.pem"))),
		],
	])("never replaces a CA: when %s it says so and writes nothing", async (_what, damage) => {
		const made = await createCertificates({ hosts: ["a.example"], out });
		await damage(made.ca, made.caKey);
		const server = await readFile(made.cert);
		await expect(createCertificates({ hosts: ["a.example"], out })).rejects.toMatchObject({
			code: "CERTIFICATE_CA_UNUSABLE",
			message: expect.stringContaining(made.caKey),
		});
		expect(await readFile(made.cert)).toEqual(server);
	});

	test.each([
		[{ hosts: [] }, "Name at least one host name"],
		[{ hosts: ["mqtt://pi"] }, '"mqtt://pi" is no host name or address'],
		[{ hosts: ["pi:1883"] }, "is no host name or address"],
		[{ hosts: ["fe80::1%eth0"] }, "is no host name or address"],
		[{ hosts: ["a\0b"] }, "is no host name or address"],
		[{ hosts: ["pi"], days: 0 }, "The number of days must be a whole number from 1 to"],
		[{ hosts: ["pi"], clients: ["../../etc/passwd"] }, "can't be the name of a client certificate"],
		[{ hosts: ["pi"], clients: ["a+b"] }, "can't be the name of a client certificate"],
	])("refuses %j", async (options, sentence) => {
		const made = createCertificates({ out, ...options });
		await expect(made).rejects.toMatchObject({
			code: "CERTIFICATE_REQUEST_INVALID",
			message: expect.stringContaining(sentence),
		});
	});

	test("says when the folder can't be written to", async () => {
		const file = join(out, "file");
		await writeFile(file, "");
		await chmod(file, 0o600);
		await expect(createCertificates({ hosts: ["pi"], out: join(file, "folder") })).rejects.toMatchObject({
			code: "CERTIFICATE_UNWRITABLE",
		});
	});
});
