import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Workshop } from "../flowbroker-process";

describe("flowbroker certs create", () => {
	let workshop: Workshop;
	beforeAll(() => {
		workshop = new Workshop();
	});
	afterAll(() => workshop.remove());

	test("makes a CA and a certificate for every name, says how to trust it, and keeps the CA the next time", async () => {
		const first = await workshop.run(["certs", "create", "--host", "home.local", "192.168.1.10", "--client", "garden"]);
		expect(first).toMatchObject({ code: 0, stderr: "" });
		expect(first.stdout).toContain("--cafile");
		const [ca, server] = first.stdout.match(/\S+\.(crt|pem)/g) as string[];
		expect(ca && existsSync(ca) && server && existsSync(server)).toBe(true);
		const made = new X509Certificate(readFileSync(server as string));
		expect(made.checkHost("home.local")).toBe("home.local");
		expect(made.checkIP("192.168.1.10")).toBe("192.168.1.10");
		expect(made.verify(new X509Certificate(readFileSync(ca as string)).publicKey)).toBe(true);
		const key = /Key:\s+(\S+)/.exec(first.stdout)?.[1] as string;
		expect(statSync(key).mode & 0o777).toBe(0o600);
		const before = readFileSync(ca as string, "utf8");
		const again = await workshop.run(["certs", "create", "--host", "other.local"]);
		expect(again.stdout).toContain("Used the CA that was there");
		expect(readFileSync(ca as string, "utf8")).toBe(before);
	});

	test.each([
		[[], "--host NAME"],
		[["--host", "home.local", "--days", "soon"], "days"],
		[["--host", "no such host!"], "no such host!"],
	])("refuses %j with the remedy", async (words, sentence) => {
		const { code, stderr } = await workshop.run(["certs", "create", ...words]);
		expect(code).toBe(2);
		expect(stderr).toContain(sentence);
	});
});
