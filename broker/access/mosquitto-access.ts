/** Access control by Mosquitto's own files, used as they are: for people who keep them. */

import type { AccessChange, AccessControl, Login, LoginResult } from "./access";
import { ChangeListeners } from "./change-listeners";
import type { FileProblem } from "./file-problem";
import { LineFile, type ReloadedFile } from "./line-file";
import { faulty, guardLogin, passwordOf, refused, whyBanned } from "./login-guard";
import { type Ban, LoginThrottle, type ThrottleOptions } from "./login-throttle";
import { type MosquittoAcl, parseMosquittoAcl } from "./mosquitto-acl-file";
import { type MosquittoPasswords, parseMosquittoPasswords } from "./mosquitto-password-file";
import { MosquittoPasswordSet } from "./mosquitto-password-set";
import { MosquittoRights, withoutAcl } from "./mosquitto-rights";
import { PasswordHasher, type PasswordHasherOptions } from "./password";
import { safely } from "./safely";
import { CachedSession, type Decider, refuseAll } from "./session";

export interface MosquittoAccessOptions {
	/** Path; without one any user name and password are accepted where anonymous clients are. */
	readonly passwordFile?: string;
	/** Path; without one everything is allowed but writing below `$SYS`. */
	readonly aclFile?: string;
	/** As `allow_anonymous`. */
	readonly anonymous: boolean;
	readonly onProblem?: (problem: FileProblem) => void;
	/** Told when somebody is banned for too many wrong passwords. */
	readonly onBan?: (ban: Ban) => void;
	readonly throttle?: Partial<ThrottleOptions>;
	readonly hasher?: Partial<PasswordHasherOptions>;
	/** Milliseconds since 1970. Default: the clock. */
	readonly now?: () => number;
}

/**
 * Files are read again when they change. One with an error is not taken over: what was valid before stays; at the first
 * start nobody passes a file that cannot be used.
 */
export class MosquittoAccess implements AccessControl {
	readonly #anonymous: boolean;
	readonly #hasher: PasswordHasher;
	readonly #throttle: LoginThrottle;
	readonly #listeners = new ChangeListeners();
	readonly #files: readonly ReloadedFile[];
	/** `undefined`: there is no such file in the settings. */
	#passwords: MosquittoPasswordSet | undefined;
	#rights: MosquittoRights | undefined;
	#revision = 0;
	/** Names that a certificate has proven: no file lists them, and their sessions are theirs. */
	readonly #certificateUsers = new Set<string>();

	constructor(options: MosquittoAccessOptions) {
		const onProblem = safely(options.onProblem ?? (() => {}));
		this.#anonymous = options.anonymous;
		this.#hasher = new PasswordHasher(options.hasher);
		this.#throttle = new LoginThrottle(options.throttle, options.now, safely(options.onBan ?? (() => {})));
		const files: ReloadedFile[] = [];
		if (options.passwordFile !== undefined) {
			this.#passwords = new MosquittoPasswordSet([]);
			const use = ({ entries }: MosquittoPasswords) => this.#usePasswords(new MosquittoPasswordSet(entries));
			const how = { parse: parseMosquittoPasswords, use, goodLinesAtStart: true, onProblem };
			files.push(new LineFile(options.passwordFile, how));
		}
		if (options.aclFile !== undefined) {
			this.#rights = new MosquittoRights({ entries: [] });
			const use = (acl: MosquittoAcl) => this.#useRights(new MosquittoRights(acl));
			files.push(new LineFile(options.aclFile, { parse: parseMosquittoAcl, use, goodLinesAtStart: false, onProblem }));
		}
		this.#files = files;
	}

	async start(): Promise<void> {
		this.#hasher.open();
		this.#throttle.open();
		await Promise.all(this.#files.map((file) => file.start()));
	}

	/** Logins under way are refused. */
	async stop(): Promise<void> {
		this.#throttle.close();
		await Promise.all([this.#hasher.close(), ...this.#files.map((file) => file.stop())]);
	}

	/** Why the present content of files is not in force; empty when it is. */
	get problems(): FileProblem[] {
		return this.#files.flatMap((file) => file.errors);
	}

	/** Reads the files again now; they are also watched. */
	async reload(): Promise<void> {
		await Promise.all(this.#files.map((file) => file.reload()));
	}

	/** Without a password file every name is one. */
	isUser(name: string): boolean {
		if (this.#certificateUsers.has(name)) return true;
		return this.#passwords ? this.#passwords.has(name) : this.#anonymous;
	}

	async login(login: Login): Promise<LoginResult> {
		try {
			return await this.#login(login);
		} catch (error) {
			return faulty(error);
		}
	}

	onChange(listener: (change: AccessChange) => void): () => void {
		return this.#listeners.add(listener);
	}

	/** Bans that hold now. */
	bans(): Ban[] {
		return this.#throttle.bans();
	}

	/** @param user `null` for the ban of a whole address. @returns false when there is no such ban */
	liftBan(address: string, user: string | null): boolean {
		return this.#throttle.lift(address, user);
	}

	async #login(login: Login): Promise<LoginResult> {
		const { username = "", address, clientId, certificateUser } = login;
		// As with use_identity_as_username: the password file is not asked.
		if (certificateUser !== undefined) {
			this.#certificateUsers.add(certificateUser);
			return { ok: true, access: this.#session(certificateUser, clientId, false) };
		}
		// An empty user name counts as none.
		if (username === "") {
			const banned = whyBanned(this.#throttle, address);
			if (banned) return banned;
			if (!this.#anonymous) return refused("not-allowed", "clients without user name are not allowed");
			return { ok: true, access: this.#session(null, clientId) };
		}
		if (!this.#passwords) {
			if (!this.#anonymous)
				return refused("not-allowed", "there is no password file, and anonymous clients are not allowed");
			return { ok: true, access: this.#session(username, clientId) };
		}
		const verify = (wanted: () => boolean) => this.#verify(username, passwordOf(login), wanted);
		const wrong = await guardLogin(this.#throttle, address, username, verify);
		return wrong ?? { ok: true, access: this.#session(username, clientId) };
	}

	async #verify(user: string, password: Buffer, wanted: () => boolean): Promise<boolean> {
		for (;;) {
			const passwords = this.#passwords;
			const hash = passwords?.hashFor(user);
			if (hash === undefined || password.length === 0) return false;
			const right = await this.#hasher.verify(password, hash, wanted);
			// The file may have been changed meanwhile: then only the new one counts.
			if (this.#passwords === passwords) return right && passwords?.has(user) === true;
		}
	}

	#session(user: string | null, clientId: string, unproven = this.#passwords === undefined): CachedSession {
		let revision = -1;
		let decider: Decider;
		const current = () => {
			if (revision !== this.#revision) {
				revision = this.#revision;
				decider = this.#decider(user, clientId);
			}
			return decider;
		};
		return new CachedSession(user, current, unproven);
	}

	#decider(user: string | null, clientId: string): Decider {
		// Who was taken out of the file may do nothing even before the session is ended.
		const known = user === null || this.#certificateUsers.has(user) || this.#passwords?.has(user) !== false;
		if (!known) return refuseAll("the user does not exist any more");
		return this.#rights ? this.#rights.decider({ user, clientId }) : withoutAcl;
	}

	#usePasswords(next: MosquittoPasswordSet): void {
		const changed = this.#passwords?.changedIn(next) ?? new Set<string>();
		this.#passwords = next;
		this.#changed(changed);
	}

	/** Sessions follow by themselves. */
	#useRights(next: MosquittoRights): void {
		this.#rights = next;
		this.#changed(new Set());
	}

	#changed(users: ReadonlySet<string | null>): void {
		this.#revision++;
		this.#listeners.tell(users);
	}
}
