/** Says in words why a file can't be used: the operating system's codes mean little to most people. */

const reading: Readonly<Record<string, string>> = {
	ENOENT: "there is no such file. Check the name and the folder",
	ENOTDIR: "there is a file in the place of a folder. Check the name",
	EISDIR: "it is a folder. Name the file in it",
	EACCES: "this user is not allowed to read it. Change its permissions",
};

const writing: Readonly<Record<string, string>> = {
	ENOENT: "there is no such folder",
	ENOTDIR: "there is a file in the place of a folder",
	EEXIST: "there is a file in the place of a folder",
	EISDIR: "it is a folder",
	EACCES: "this user is not allowed to write there",
	EPERM: "this user is not allowed to write there",
	EROFS: "the disk is read-only",
	ENOSPC: "the disk is full",
	EDQUOT: "the disk is full",
};

/** @returns for the end of "can't be read: "; the code where nothing better is known */
export function whyUnreadable(error: unknown): string {
	return reason(reading, error);
}

/** @returns for the end of "can't be written: "; the code where nothing better is known */
export function whyUnwritable(error: unknown): string {
	return reason(writing, error);
}

function reason(reasons: Readonly<Record<string, string>>, error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	return reasons[code ?? ""] ?? code ?? message;
}
