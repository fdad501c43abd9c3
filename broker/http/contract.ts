/**
 * The admin API in types: every request and its answer, as JSON. The browser imports these types and nothing else.
 *
 * Arguments of GET and DELETE are in the query, those of POST, PUT and PATCH in a JSON object. Every request but GET
 * has the Content-Type `application/json`, also without a body. Times are milliseconds since 1970 unless said otherwise.
 */

import type { UserView } from "../access/access-store";
import type { Verdict } from "../access/decide";
import type { ExportResult } from "../access/export-mosquitto";
import type { Action, Anonymous, Defaults, Group, Rule, User } from "../access/model";
import type { AccessBackup, RestorePreview } from "../admin/backup-access";
import type { RetainedBackup, RetainedPart } from "../admin/backup-retained";
import type { BanView } from "../admin/bans";
import type { ClientSummary, GoneClient } from "../admin/clients";
import type { DenialView } from "../admin/denials";
import type { DocumentChanges } from "../admin/document-changes";
import type { DocumentView } from "../admin/document-view";
import type { GroupAnswer } from "../admin/groups";
import type { PropertiesChoice, PropertiesView } from "../admin/message-properties";
import type { ImportPreview } from "../admin/mosquitto";
import type { BridgeView, BrokerOverview, ListenerView } from "../admin/overview";
import type { Page } from "../admin/page";
import type { RetainedView } from "../admin/retained";
import type { RulesAnswer } from "../admin/rules";
import type { TestDeliveries, TestDelivery } from "../admin/test-subscriptions";
import type { TopicChanges, TopicView } from "../admin/topic-tree";
import type { UserAnswer } from "../admin/users";
import type { ErrorCode } from "../errors";
import type { LogChanges, LogEntry, LogKind } from "../event-log";
import type { BrokerState, ClientInfo } from "../events";

export type {
	AccessBackup,
	Action,
	Anonymous,
	BanView,
	BridgeView,
	BrokerOverview,
	BrokerState,
	ClientInfo,
	ClientSummary,
	Defaults,
	DenialView,
	DocumentChanges,
	DocumentView,
	ErrorCode,
	GoneClient,
	Group,
	ImportPreview,
	ListenerView,
	LogChanges,
	LogEntry,
	LogKind,
	Page,
	PropertiesChoice,
	PropertiesView,
	RestorePreview,
	RetainedBackup,
	RetainedPart,
	RetainedView,
	Rule,
	TestDeliveries,
	TestDelivery,
	TopicChanges,
	TopicView,
	UserView,
	Verdict,
};

/** The body of every answer whose status is not 200. */
export interface ErrorAnswer {
	readonly error: {
		readonly code: ErrorCode;
		/** One sentence for people. */
		readonly message: string;
	};
}

export interface BrokerSummary {
	readonly id: string;
	readonly name: string;
	readonly state: BrokerState;
	readonly listeners: readonly ListenerView[];
	/** How many are connected. */
	readonly clients: number;
}

export interface BrokerDetails extends BrokerOverview {
	readonly id: string;
	readonly name: string;
	/** Bytes on the disk; `null` where everything is in memory only. */
	readonly storeBytes: number | null;
}

/** `limit`: 1 to 1000, default 100. */
export interface PageQuery {
	readonly limit?: number;
	readonly offset?: number;
}

/** A password that is typed, or one that is made up and shown once in the answer. */
export type PasswordChoice = { readonly password: string } | { readonly generate: true };

export type UserChange = Partial<Omit<User, "name" | "password">>;
export type NewUser = UserChange & { readonly name: string } & (PasswordChoice | { readonly password?: null });
export type GroupChange = Partial<Omit<Group, "name">>;
/** Priority is 0 unless it is said. */
export type RuleChoice = Omit<Rule, "priority"> & { readonly priority?: number };

/** Exactly one of the three. */
export interface BanTarget {
	readonly clientId?: string | null;
	readonly user?: string | null;
	readonly address?: string | null;
}

export interface MosquittoFiles {
	/** The text of the password file. */
	readonly passwords?: string;
	/** The text of the ACL file. */
	readonly acl?: string;
	/** As `allow_anonymous`; default false. */
	readonly anonymous?: boolean;
}

export interface TestMessage {
	readonly topic: string;
	readonly payload?: string;
	/** Default `text`. */
	readonly encoding?: "text" | "base64";
	readonly qos?: 0 | 1 | 2;
	readonly retain?: boolean;
	/** Whose rights count; `null` is a client without user name, absent is the flow, which may do everything. */
	readonly user?: string | null;
	/** For rules with `%c`. */
	readonly clientId?: string;
	/** Of MQTT 5. */
	readonly properties?: PropertiesChoice;
}

/** `user` and `clientId` as for a {@link TestMessage}. */
export interface TestSubscription {
	readonly filter: string;
	readonly qos?: 0 | 1 | 2;
	readonly noLocal?: boolean;
	readonly retainAsPublished?: boolean;
	readonly retainHandling?: 0 | 1 | 2;
	readonly user?: string | null;
	readonly clientId?: string;
}

/** Method and path of every request, with what it takes and what it answers. */
export interface Requests {
	"GET /brokers": { answer: readonly BrokerSummary[] };
	"GET /brokers/:broker": { answer: BrokerDetails };

	/** `filter` is part of a client id, user name or address. */
	"GET /brokers/:broker/clients": { query: PageQuery & { filter?: string }; answer: Page<ClientSummary> };
	/** Client ids are in the query, since a device may choose one that no path can hold. */
	"GET /brokers/:broker/client": { query: { id: string }; answer: ClientInfo };
	"DELETE /brokers/:broker/client": { query: { id: string; reason?: string }; answer: { kicked: string } };
	"GET /brokers/:broker/history": { query: PageQuery; answer: Page<GoneClient> };

	"GET /brokers/:broker/bans": { answer: readonly BanView[] };
	"POST /brokers/:broker/bans": {
		body: BanTarget & { seconds: number; reason?: string };
		answer: { ban: BanView; disconnected: number };
	};
	/** As the ban is listed, without those that are `null`. */
	"DELETE /brokers/:broker/bans": { query: BanTarget; answer: { lifted: true } };

	"GET /brokers/:broker/users": { answer: readonly UserView[] };
	"POST /brokers/:broker/users": { body: NewUser; answer: UserAnswer };
	"GET /brokers/:broker/users/:name": { answer: UserView };
	"PATCH /brokers/:broker/users/:name": { body: UserChange; answer: UserAnswer };
	"DELETE /brokers/:broker/users/:name": { answer: { removed: string } };
	"PUT /brokers/:broker/users/:name/password": { body: PasswordChoice; answer: UserAnswer };
	"POST /brokers/:broker/users/:name/enable": { answer: UserAnswer };
	"POST /brokers/:broker/users/:name/disable": { answer: UserAnswer };
	"POST /brokers/:broker/users/:user/rules": { body: RuleChoice; answer: RulesAnswer };
	"DELETE /brokers/:broker/users/:user/rules": { query: RuleChoice; answer: RulesAnswer };

	"GET /brokers/:broker/groups": { answer: readonly Group[] };
	"POST /brokers/:broker/groups": { body: GroupChange & { name: string }; answer: GroupAnswer };
	"GET /brokers/:broker/groups/:name": { answer: Group };
	"PATCH /brokers/:broker/groups/:name": { body: GroupChange; answer: GroupAnswer };
	"DELETE /brokers/:broker/groups/:name": { answer: { removed: string } };
	"POST /brokers/:broker/groups/:group/rules": { body: RuleChoice; answer: RulesAnswer };
	"DELETE /brokers/:broker/groups/:group/rules": { query: RuleChoice; answer: RulesAnswer };

	"GET /brokers/:broker/defaults": { answer: Defaults };
	"PATCH /brokers/:broker/defaults": { body: Partial<Defaults>; answer: Defaults };
	"GET /brokers/:broker/anonymous": { answer: Anonymous };
	"PATCH /brokers/:broker/anonymous": { body: Partial<Anonymous>; answer: Anonymous };
	"POST /brokers/:broker/anonymous/rules": { body: RuleChoice; answer: RulesAnswer };
	"DELETE /brokers/:broker/anonymous/rules": { query: RuleChoice; answer: RulesAnswer };

	/** Without `user`: a client without user name. */
	"GET /brokers/:broker/access-test": {
		query: { user?: string; clientId?: string; action: Action; topic: string };
		answer: Verdict;
	};
	"GET /brokers/:broker/denials": { query: PageQuery; answer: Page<DenialView> };

	"POST /brokers/:broker/mosquitto/preview": { body: MosquittoFiles; answer: ImportPreview };
	"POST /brokers/:broker/mosquitto/import": {
		body: MosquittoFiles & { partial?: boolean; replace?: boolean };
		answer: ImportPreview;
	};
	"GET /brokers/:broker/mosquitto/acl": { answer: Omit<ExportResult, "passwords"> };
	"GET /brokers/:broker/access": { answer: DocumentView };

	"GET /brokers/:broker/retained": { query: PageQuery & { filter?: string }; answer: Page<RetainedView> };
	"DELETE /brokers/:broker/retained": {
		query: { filter: string; dryRun?: boolean };
		answer: { count: number; cleared: boolean };
	};
	/**
	 * What has changed since the answer that gave the cursor `since`, oldest change first; without `since` everything.
	 * The topics are followed while somebody asks at least every ten seconds. `limit`: 1 to 1000, default 1000.
	 */
	"GET /brokers/:broker/topics": { query: { since?: string; limit?: number }; answer: TopicChanges };
	/** One topic with more of its payload; `null` for one that is not followed. */
	"GET /brokers/:broker/topic": { query: { topic: string }; answer: TopicView | null };
	/** Topics in use with that part in their name, those that begin with it first. `limit`: default 50. */
	"GET /brokers/:broker/topic-names": { query: { part?: string; limit?: number }; answer: readonly string[] };

	/** What has changed since the answer that gave the cursor `since`, oldest change first. */
	"GET /brokers/:broker/log": { query: { since?: string; limit?: number }; answer: LogChanges };

	/** Password hashes are in it with a passphrase only, and encrypted with it. */
	"POST /brokers/:broker/backup/access": { body: { passphrase?: string }; answer: AccessBackup };
	"POST /brokers/:broker/backup/preview": {
		body: { backup: AccessBackup; passphrase?: string };
		answer: RestorePreview;
	};
	"POST /brokers/:broker/backup/restore": {
		body: { backup: AccessBackup; passphrase?: string };
		answer: RestorePreview;
	};
	/** One part after the other: `after` is the `next` of the one before. */
	"GET /brokers/:broker/backup/retained": { query: { after?: string }; answer: RetainedPart };
	"POST /brokers/:broker/backup/retained": {
		body: { messages: readonly RetainedBackup[] };
		answer: { restored: number };
	};

	/** Ends by itself when nobody asks for its messages for half a minute. */
	"POST /brokers/:broker/tests": { body: TestSubscription; answer: { id: string } };
	"GET /brokers/:broker/tests/:id": { query: { after?: number }; answer: TestDeliveries };
	"DELETE /brokers/:broker/tests/:id": { answer: { ended: true } };
	"POST /brokers/:broker/publish": { body: TestMessage; answer: { published: string } };
}

export type RequestName = keyof Requests;
export type AnswerTo<Name extends RequestName> = Requests[Name]["answer"];
