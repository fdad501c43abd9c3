/** Sends a flow to one runtime. */

import { once } from "node:events";
import { type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { FlowbrokerError } from "../../broker";
import { type DeployAnswer, type DeployRequest, deployPath } from "./contract";
import type { Target } from "./targets";

/** A trial may take minutes. */
const longestMs = 15 * 60_000;
const longestAnswer = 1_024 * 1_024;

/**
 * @param ca certificates that are trusted in place of the well-known ones
 * @returns the answer, also one with an error
 * @throws FlowbrokerError TARGET_FAILED when there is none
 */
export async function send({ url, token }: Target, body: DeployRequest, ca: string | undefined): Promise<DeployAnswer> {
	const start = url.startsWith("https:") ? requestTls : requestPlain;
	const text = JSON.stringify(body);
	const headers = {
		authorization: `Bearer ${token}`,
		"content-type": "application/json",
		"content-length": Buffer.byteLength(text),
	};
	let response: IncomingMessage;
	let answer: string;
	try {
		const sent = start(`${url}${deployPath}`, {
			method: "POST",
			headers,
			signal: AbortSignal.timeout(longestMs),
			...(ca !== undefined && { ca }),
		});
		sent.end(text);
		[response] = (await once(sent, "response")) as [IncomingMessage];
		answer = await textOf(response);
	} catch (error) {
		throw new FlowbrokerError("TARGET_FAILED", whyUnreachable(error), error);
	}
	return parse(answer, response.statusCode ?? 0);
}

async function textOf(response: IncomingMessage): Promise<string> {
	response.setEncoding("utf8");
	let text = "";
	for await (const chunk of response) {
		text += chunk;
		if (text.length > longestAnswer) throw new Error("the answer is too long");
	}
	return text;
}

function parse(text: string, status: number): DeployAnswer {
	let answer: Partial<DeployAnswer> | null = null;
	try {
		answer = JSON.parse(text) as Partial<DeployAnswer> | null;
	} catch {
		// said below
	}
	const findings = Array.isArray(answer?.findings) ? answer.findings : [];
	if (typeof answer?.error?.message === "string") return { findings, error: answer.error };
	if (status === 200 && Array.isArray(answer?.findings)) return { findings };
	const sentence = `Something that is no flowbroker answers there, with status ${status}. Check the address and the port of --http.`;
	throw new FlowbrokerError("TARGET_FAILED", sentence);
}

function whyUnreachable(error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	const reasons: Record<string, string> = {
		ECONNREFUSED: "nothing listens there. Start the runtime with --http, and with --http-host for the network",
		ENOTFOUND: "the name is not known in the network",
		EAI_AGAIN: "the name is not known in the network",
		EHOSTUNREACH: "there is no way to it through the network",
		ETIMEDOUT: "it does not answer",
		ECONNRESET: "the connection was lost",
		EPROTO: "it does not speak https. Check the address",
		ABORT_ERR: "it does not answer",
		DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not trusted. Name the CA with --ca FILE",
		SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not trusted. Name the CA with --ca FILE",
		UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted. Name the CA with --ca FILE",
		UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is not trusted. Name the CA with --ca FILE",
		ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
		CERT_HAS_EXPIRED: "its certificate has expired",
	};
	return `It can't be reached: ${reasons[code ?? ""] ?? message}.`;
}
