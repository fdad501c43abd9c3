/** Reads where to deploy to, and with which token. */

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { FlowbrokerError } from "../../broker";
import { readTokenFile } from "../token-file";

/** One runtime. */
export interface Target {
	/** As in `https://pi:1880`, without a slash at the end. */
	readonly url: string;
	readonly token: string;
}

export interface TargetOptions {
	/** Addresses with commas between them. */
	readonly to: string | undefined;
	/** A file with an address in each line and, behind a blank, the file of its token. */
	readonly listFile: string | undefined;
	/** The token of those that have none of their own. */
	readonly tokenFile: string | undefined;
	readonly environment: NodeJS.ProcessEnv;
	/** Send the token over a network unencrypted. */
	readonly unencrypted: boolean;
}

interface Place {
	readonly url: string;
	readonly tokenFile: string | undefined;
	/** For messages. */
	readonly from: string;
}

/** @throws FlowbrokerError USAGE or FILE_UNREADABLE */
export async function readTargets(options: TargetOptions): Promise<Target[]> {
	const { to = "", listFile, tokenFile, environment, unencrypted } = options;
	const named = to.split(",").flatMap((text): Place[] => {
		const url = text.trim();
		return url === "" ? [] : [{ url, tokenFile: undefined, from: "--to" }];
	});
	const places = [...named, ...(listFile === undefined ? [] : await readList(listFile))];
	if (places.length === 0) throw usage("Say where to: --to https://pi:1880, or --to-file FILE with a list.");
	const common = tokenFile === undefined ? environment.FLOWBROKER_TOKEN : await readTokenFile(tokenFile);
	const targets: Target[] = [];
	for (const place of places) {
		const url = checkedUrl(place, unencrypted);
		const token = place.tokenFile === undefined ? common : await readTokenFile(place.tokenFile);
		if (!token)
			throw usage(`${url} wants a token: name its file with --token-file, or in the list behind the address.`);
		if (targets.some((target) => target.url === url)) throw usage(`${url} is named twice.`);
		targets.push({ url, token });
	}
	return targets;
}

async function readList(file: string): Promise<Place[]> {
	let text: string;
	try {
		text = await readFile(file, "utf8");
	} catch (error) {
		throw new FlowbrokerError(
			"FILE_UNREADABLE",
			`The list ${file} can't be read: there must be an address a line.`,
			error,
		);
	}
	return text.split("\n").flatMap((line, at): Place[] => {
		const [url = "", tokenFile, more] = line.replace(/#.*$/, "").trim().split(/\s+/);
		if (url === "") return [];
		const from = `${file}, line ${at + 1}`;
		if (more !== undefined) throw usage(`${from}: behind the address stands at most the file of its token.`);
		return [{ url, tokenFile: tokenFile === undefined ? undefined : resolve(dirname(file), tokenFile), from }];
	});
}

function checkedUrl({ url, from }: Place, unencrypted: boolean): string {
	const parsed = URL.canParse(url) ? new URL(url) : undefined;
	if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== "" || parsed.search !== "") {
		throw usage(`${from}: ${url} is no address of a runtime, such as https://pi:1880.`);
	}
	if (parsed.protocol === "http:" && !unencrypted && !isThisMachine(parsed.hostname)) {
		throw usage(
			`${from}: over ${url} everybody on the way can read the token. Let the runtime use https (--http-cert, --http-key), or say --unencrypted.`,
		);
	}
	return parsed.href.replace(/\/$/, "");
}

function isThisMachine(host: string): boolean {
	return host === "localhost" || host === "[::1]" || /^127\./.test(host);
}

function usage(sentence: string): FlowbrokerError {
	return new FlowbrokerError("USAGE", `${sentence} See: flowbroker help deploy`);
}
