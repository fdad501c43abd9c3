/** A password that is kept for SCRAM-SHA-256. */

import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { AccessStore } from "../../../broker/access";
import { beginScram } from "../../../broker/access/scram";
import { ScramClient } from "../../conformance/scram";
import { temporaryDirectories } from "./temporary";

const from = { clientId: "c", address: "192.0.2.7", listener: "tcp:1883" } as const;

let store: AccessStore;
const directory = temporaryDirectories();

beforeEach(async () => {
	const throttle = { delay: 0, longestDelay: 0, failuresPerUser: 3 };
	store = new AccessStore({ file: join(await directory(), "access.json"), throttle });
	await store.start();
	await store.addUser("ann", "secret", {}, "scram");
	await store.addUser("ben", "secret");
});

afterEach(async () => {
	await store.stop();
});

test("serves a plain login too, and stays as it is", async () => {
	const before = store.exportDocument().users[0]?.password;
	expect(before).toMatch(/^SCRAM-SHA-256\$50000:/);
	const login = { ...from, username: "ann" };
	expect(await store.login({ ...login, password: Buffer.from("secret") })).toMatchObject({ ok: true });
	expect(await store.login({ ...login, password: Buffer.from("wrong") })).toMatchObject({ refusal: "bad-password" });
	expect(store.exportDocument().users[0]?.password).toBe(before);
});

test("is the only one that SCRAM can use: a user with another hash looks like one who does not exist", async () => {
	for (const user of ["ben", "nobody"]) {
		const client = new ScramClient(user, "secret");
		const exchange = store.exchange("SCRAM-SHA-256", from);
		const challenge = await exchange?.step(client.first());
		if (challenge?.kind !== "continue") throw new Error("no challenge");
		expect(challenge.data.toString()).toMatch(/,i=50000$/);
		expect(await exchange?.step(client.final(challenge.data))).toMatchObject({
			kind: "refused",
			result: { refusal: "bad-password" },
		});
	}
});

test("wrong proofs are counted like wrong passwords, and end in a ban", async () => {
	let refusal = "";
	for (let tried = 0; tried < 5 && refusal !== "banned"; tried++) {
		const client = new ScramClient("ann", "guess");
		const exchange = store.exchange("SCRAM-SHA-256", from);
		const challenge = await exchange?.step(client.first());
		const end = challenge?.kind === "continue" ? await exchange?.step(client.final(challenge.data)) : challenge;
		if (end?.kind === "refused") refusal = end.result.refusal;
	}
	expect(refusal).toBe("banned");
});

test.each([
	"",
	"n,,",
	"n,,n=ann",
	"p=tls-unique,,n=ann,r=12345678",
	"n,,n=a=b,r=12345678",
	"y,,n=ann,r=12 45678",
	"n,a=x,n=ann,r=12345678",
])("the first message %j is refused", (message) => {
	expect(beginScram(Buffer.from(message), () => undefined, Buffer.alloc(32))).toBeUndefined();
});
