/** The route by which a flow is deployed: an Express router behind the token. */

import express, { type Router } from "express";
import { errorTable, FlowbrokerError } from "../../broker";
import { limitLength, refuseCrossSite, requireJson } from "../../broker/http";
import type { Finding } from "../check/finding";
import { type DeployAnswer, type DeployRequest, deployPath } from "./contract";
import type { Deployments } from "./deployments";

/** Bytes: flows of some ten thousand nodes. */
const largestBody = 16 * 1_024 * 1_024;

/** @param deployments undefined where nobody may deploy */
export function createDeployRouter(deployments: Deployments | undefined): Router {
	const router = express.Router();
	const parse = [refuseCrossSite, requireJson, limitLength(largestBody), express.json({ limit: largestBody })];
	router.post(deployPath, ...parse, async (request, response) => {
		if (!deployments) throw forbidden();
		const { files, checkOnly } = parseRequest(request.body);
		const findings = await deployments.check(files);
		if (findings.some(({ severity }) => severity === "error")) {
			const answer: DeployAnswer = { findings, error: refusal(findings) };
			response.status(errorTable.DEPLOY_REFUSED.http).json(answer);
			return;
		}
		if (!checkOnly) await deployments.deploy(files);
		const answer: DeployAnswer = { findings };
		response.json(answer);
	});
	return router;
}

function refusal(findings: readonly Finding[]) {
	const errors = findings.filter(({ severity }) => severity === "error").map(({ message }) => message);
	return { code: "DEPLOY_REFUSED", message: `The flow has errors: ${errors.join(" ")}` };
}

function forbidden(): FlowbrokerError {
	const sentence = "Nobody may deploy a flow here: start the runtime with --allow-deploy to allow it.";
	return new FlowbrokerError("DEPLOY_FORBIDDEN", sentence);
}

/** @throws FlowbrokerError REQUEST_INVALID */
function parseRequest(body: unknown): DeployRequest {
	const { files, checkOnly } = (body ?? {}) as Record<string, unknown>;
	const sound =
		Array.isArray(files) &&
		files.length > 0 &&
		files.every((file: unknown) => {
			const { name, text } = (file ?? {}) as Record<string, unknown>;
			return typeof name === "string" && typeof text === "string";
		}) &&
		typeof checkOnly === "boolean";
	if (sound) return { files, checkOnly };
	const sentence = 'A deployment is {"files": [{"name": "flow.json", "text": "[...]"}], "checkOnly": false}.';
	throw new FlowbrokerError("REQUEST_INVALID", sentence);
}
