/** The lines of a mosquitto.conf, and what is said about one. */

/** One line that says something. */
export interface ConfLine {
	/** The file as the user named it: there are several with `include_dir`. */
	readonly file: string;
	/** Counted from 1. */
	readonly line: number;
	/** The first word. */
	readonly name: string;
	/** What stands behind it, without blanks at the ends. */
	readonly value: string;
}

/** What a person has to know of a line. */
export interface LineRemark {
	readonly file: string;
	readonly line: number;
	/** The line, without anything secret. */
	readonly text: string;
	/** `left out`: nothing in the flow stands for it. `changed`: something does, and it is not the same. */
	readonly kind: "left out" | "changed";
	readonly reason: string;
}

/** A comment begins in the first column, and blanks may stand before a name. */
export function parseConf(file: string, text: string): ConfLine[] {
	return text.split(/\r?\n/).flatMap((whole, at) => {
		if (whole.startsWith("#")) return [];
		const [, name, value = ""] = /^\s*(\S+)\s*(.*?)\s*$/.exec(whole) ?? [];
		return name === undefined ? [] : [{ file, line: at + 1, name, value }];
	});
}

const secret =
	/^(remote_password|password|local_password|bridge_psk|auth_opt_.*(pass|secret|token).*|plugin_opt_.*(pass|secret|token).*)$/;

export function remarkOn({ file, line, name, value }: ConfLine, kind: LineRemark["kind"], reason: string): LineRemark {
	const shown = secret.test(name) ? "..." : value;
	return { file, line, text: `${name} ${shown}`.trim(), kind, reason };
}
