/** The access control on `access.json`: logs clients in, decides, and changes users, groups and rules. */

import { FlowbrokerError, toFlowbrokerError } from "../errors";
import { isTopicName, whyNotFilter } from "../topic";
import type { AccessChange, AccessControl, AuthExchange, Login, LoginResult } from "./access";
import { AccessFile } from "./access-file";
import { ChangeListeners } from "./change-listeners";
import { decidePublish, decideReceive, decideSubscribe, type Rights, type Verdict } from "./decide";
import { checkDocument } from "./document";
import * as edit from "./edit-document";
import { ExpiryClock } from "./expiry-clock";
import type { FileProblem } from "./file-problem";
import { type Ban, LoginThrottle, type ThrottleOptions } from "./login-throttle";
import type { Group, Rule, User } from "./model";
import { type AccessDocument, type Action, type Anonymous, type Defaults, emptyDocument } from "./model";
import { PasswordHasher, type PasswordHasherOptions } from "./password";
import { isExpired, RuleBook, usersToLogInAgain, whyEnded } from "./rule-book";
import { safely } from "./safely";
import { ScramLogins } from "./scram-login";
import { CachedSession, type Decider } from "./session";
import { logIn } from "./user-login";

export interface AccessStoreOptions {
	/** Path of `access.json`. */
	readonly file: string;
	/** What holds while there is no file. Default: nobody may do anything. */
	readonly whenMissing?: AccessDocument;
	/** Told of a file that is broken, unreadable or gone. Default: nobody; `problem` has the latest. */
	readonly onProblem?: (problem: FileProblem) => void;
	/** Told when somebody is banned for too many wrong passwords. */
	readonly onBan?: (ban: Ban) => void;
	readonly throttle?: Partial<ThrottleOptions>;
	readonly hasher?: Partial<PasswordHasherOptions>;
	/** Milliseconds since 1970. Default: the clock. */
	readonly now?: () => number;
}

/** How a password is kept: `scram` for those who log in with SCRAM-SHA-256; both serve for a plain password. */
export type PasswordForm = "argon2id" | "scram";

/** A user as shown: without the hash. */
export type UserView = Omit<User, "password"> & { readonly hasPassword: boolean };

/** Changes resolve when they are on the disk and in force, and reject with a FlowbrokerError when nothing was changed. */
export class AccessStore implements AccessControl {
	readonly #file: AccessFile;
	readonly #hasher: PasswordHasher;
	readonly #throttle: LoginThrottle;
	readonly #expiry: ExpiryClock;
	readonly #listeners = new ChangeListeners();
	readonly #scram: ScramLogins;
	readonly #now: () => number;
	readonly #onProblem: (problem: FileProblem) => void;
	#book = new RuleBook(emptyDocument);
	/** Counts what may change a decision. */
	#revision = 0;

	constructor(options: AccessStoreOptions) {
		this.#now = options.now ?? Date.now;
		this.#onProblem = safely(options.onProblem ?? (() => {}));
		this.#hasher = new PasswordHasher(options.hasher);
		this.#throttle = new LoginThrottle(options.throttle, this.#now, safely(options.onBan ?? (() => {})));
		this.#scram = new ScramLogins({
			throttle: this.#throttle,
			book: () => this.#book,
			now: this.#now,
			session: (user, clientId) => this.#session(user, clientId),
		});
		this.#expiry = new ExpiryClock(this.#now, (users) => this.#changed(users));
		this.#file = new AccessFile(options.file, {
			whenMissing: options.whenMissing ?? emptyDocument,
			onProblem: this.#onProblem,
			onDocument: (now, before, silent) => {
				this.#book = new RuleBook(now);
				this.#expiry.follow(now);
				this.#changed(silent ? new Set() : usersToLogInAgain(now, before, this.#now()));
			},
		});
	}

	/** Loads the file. A broken one is a problem and lets nobody in until it is repaired. */
	async start(): Promise<void> {
		this.#hasher.open();
		this.#throttle.open();
		this.#expiry.follow(this.#file.document);
		await this.#file.start();
	}

	/** Logins under way are refused; changes under way are written. */
	async stop(): Promise<void> {
		this.#throttle.close();
		await this.#hasher.close();
		await this.#file.stop();
		this.#expiry.stop();
	}

	/** Why the present content of the file is not in force; `undefined` when it is. */
	get problem(): FileProblem | undefined {
		return this.#file.problem;
	}

	/** Reads the file again now; it is also watched. */
	reload(): Promise<void> {
		return this.#file.reload();
	}

	isUser(name: string): boolean {
		const user = this.#book.user(name);
		return user?.enabled === true && user.password !== null && !isExpired(user, this.#now());
	}

	async login(login: Login): Promise<LoginResult> {
		const result = await logIn(
			{
				hasher: this.#hasher,
				throttle: this.#throttle,
				book: () => this.#book,
				now: this.#now,
				upgrade: (user, from, to) => this.#upgrade(user, from, to),
			},
			login,
		);
		if ("refusal" in result) return result;
		return { ok: true, access: this.#session(result.user, login.clientId) };
	}

	exchange(method: string, login: Login): AuthExchange | undefined {
		return this.#scram.exchange(method, login);
	}

	onChange(listener: (change: AccessChange) => void): () => void {
		return this.#listeners.add(listener);
	}

	/** The rights of a user without a login, for clients inside this process. @throws FlowbrokerError USER_UNKNOWN */
	session(user: string | null, clientId: string): CachedSession {
		this.#rights(user, clientId);
		return this.#session(user, clientId);
	}

	/**
	 * What would be decided, and by which rule.
	 * @param topic for subscribe a topic filter
	 * @throws FlowbrokerError USER_UNKNOWN, TOPIC_INVALID or FILTER_INVALID
	 */
	explain(user: string | null, clientId: string, action: Action, topic: string): Verdict {
		const rights = this.#rights(user, clientId);
		const why = action === "subscribe" ? whyNotFilter(topic) : undefined;
		if (why !== undefined) throw new FlowbrokerError("FILTER_INVALID", `The topic filter is not valid: ${why}.`);
		if (action !== "subscribe" && !isTopicName(topic)) {
			throw new FlowbrokerError("TOPIC_INVALID", "A topic must not be empty, nor contain + or #.");
		}
		const ended = whyEnded(this.#book, user, clientId, this.#now());
		if (ended !== undefined) return { allow: false, reason: ended, rule: null, source: null };
		const decide = { publish: decidePublish, receive: decideReceive, subscribe: decideSubscribe }[action];
		return decide(rights, topic);
	}

	/** Bans that hold now. */
	bans(): Ban[] {
		return this.#throttle.bans();
	}

	/** @param user `null` for the ban of a whole address. @returns false when there is no such ban */
	liftBan(address: string, user: string | null): boolean {
		return this.#throttle.lift(address, user);
	}

	users(): UserView[] {
		return this.#file.document.users.map(viewOf);
	}

	user(name: string): UserView | undefined {
		const user = this.#book.user(name);
		return user && viewOf(user);
	}

	groups(): readonly Group[] {
		return this.#file.document.groups;
	}

	get defaults(): Defaults {
		return this.#file.document.defaults;
	}

	get anonymous(): Anonymous {
		return this.#file.document.anonymous;
	}

	/** Everything, with the password hashes: for a backup or an export, never for an answer. */
	exportDocument(): AccessDocument {
		return this.#file.document;
	}

	/**
	 * Makes a new document of the one that holds when it is this change's turn.
	 * @throws FlowbrokerError ACCESS_INVALID, or what `change` throws: then nothing is changed
	 */
	async update(change: (document: AccessDocument) => AccessDocument): Promise<void> {
		await this.#file.change((document) => {
			const changed = change(document);
			return changed === document ? document : checkDocument(changed, "ACCESS_INVALID");
		});
	}

	/** Puts another document in the place of this one. @throws FlowbrokerError ACCESS_INVALID */
	async replaceDocument(document: AccessDocument): Promise<void> {
		const checked = checkDocument(document, "ACCESS_INVALID");
		await this.#file.change(() => checked);
	}

	/** @param password `null`: the user cannot log in until one is set */
	async addUser(
		name: string,
		password: string | null,
		change: edit.UserChange = {},
		form: PasswordForm = "argon2id",
	): Promise<void> {
		// Tried before the costly hash, and again when it is this change's turn.
		edit.addUser(this.#file.document, name, null, change);
		const hash = password === null ? null : await this.#hash(password, form);
		await this.#file.change((document) => edit.addUser(document, name, hash, change));
	}

	async modifyUser(name: string, change: edit.UserChange): Promise<void> {
		await this.#file.change((document) => edit.modifyUser(document, name, change));
	}

	async setEnabled(name: string, enabled: boolean): Promise<void> {
		await this.modifyUser(name, { enabled });
	}

	/** @throws FlowbrokerError PASSWORD_EMPTY */
	async setPassword(name: string, password: string, form: PasswordForm = "argon2id"): Promise<void> {
		this.#rights(name, "");
		const hash = await this.#hash(password, form);
		await this.#file.change((document) => edit.setPassword(document, name, hash));
	}

	async removeUser(name: string): Promise<void> {
		await this.#file.change((document) => edit.removeUser(document, name));
	}

	async addGroup(name: string, change: edit.GroupChange = {}): Promise<void> {
		await this.#file.change((document) => edit.addGroup(document, name, change));
	}

	async modifyGroup(name: string, change: edit.GroupChange): Promise<void> {
		await this.#file.change((document) => edit.modifyGroup(document, name, change));
	}

	async removeGroup(name: string): Promise<void> {
		await this.#file.change((document) => edit.removeGroup(document, name));
	}

	async addRule(owner: edit.RuleOwner, rule: Rule): Promise<void> {
		await this.#file.change((document) => edit.addRule(document, owner, rule));
	}

	async removeRule(owner: edit.RuleOwner, rule: Rule): Promise<void> {
		await this.#file.change((document) => edit.removeRule(document, owner, rule));
	}

	async setDefaults(change: Partial<Defaults>): Promise<void> {
		await this.#file.change((document) => edit.setDefaults(document, change));
	}

	async setAnonymous(change: Partial<Anonymous>): Promise<void> {
		await this.#file.change((document) => edit.setAnonymous(document, change));
	}

	#hash(password: string, form: PasswordForm): Promise<string> {
		return form === "scram" ? this.#hasher.hashForScram(password) : this.#hasher.hash(password);
	}

	#session(user: string | null, clientId: string): CachedSession {
		let revision = -1;
		let decider: Decider;
		const current = () => {
			if (revision !== this.#revision) {
				revision = this.#revision;
				decider = this.#book.decider(user, clientId, this.#now());
			}
			return decider;
		};
		const groups = user === null ? [] : this.#book.user(user)?.groups;
		return new CachedSession(user, current, false, groups);
	}

	#changed(users: ReadonlySet<string | null>): void {
		this.#revision++;
		this.#listeners.tell(users);
	}

	#rights(user: string | null, clientId: string): Rights {
		const rights = this.#book.rights(user, clientId);
		if (!rights) throw new FlowbrokerError("USER_UNKNOWN", `There is no user "${user}".`);
		return rights;
	}

	/** Not waited for: the login is right already, whether or not the better hash can be written. */
	#upgrade(user: string, from: string, to: string): void {
		const better = (document: AccessDocument) => {
			const unchanged = document.users.some(({ name, password }) => name === user && password === from);
			return unchanged ? edit.setPassword(document, user, to) : document;
		};
		this.#file.change(better, true).catch((cause) => {
			const sentence = `A better hash of a password could not be written to ${this.#file.path}.`;
			const error = toFlowbrokerError(cause, "ACCESS_FILE_UNWRITABLE", sentence);
			this.#onProblem({ file: this.#file.path, line: null, severity: "warning", error });
		});
	}
}

function viewOf({ password, ...rest }: User): UserView {
	return { ...rest, hasPassword: password !== null };
}
