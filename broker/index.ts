/** The public face of the broker. Nothing else in `broker/` is for other folders. */

export * as access from "./access";
export type { AccessChange, AccessControl, Decision, Login, LoginResult, SessionAccess } from "./access/access";
export type { FileProblem } from "./access/file-problem";
export { type CommandName, commandName, commandNames, runCommand } from "./admin";
export { generatePassword } from "./admin/generated-password";
export { Bridge } from "./bridge/bridge";
export type { BridgeOptions, BridgePhase, BridgeRemote, BridgeState } from "./bridge/bridge-options";
export type { LinkEnd } from "./bridge/link";
export { type BridgeRule, parseBridgeRules, whyNotRule } from "./bridge/rules";
export { type Broker, type BrokerDependencies, createBroker } from "./broker";
export { type CreateCertificatesOptions, type CreatedCertificates, createCertificates } from "./certs/create";
export type { ClientRecord } from "./client-history";
export type { Denial } from "./denial-log";
export { type ErrorCode, errorTable, FlowbrokerError, toFlowbrokerError } from "./errors";
export { BROKER_ORIGIN, type BrokerEventMap, type BrokerState, type ClientInfo, type ClientTraffic } from "./events";
export { whyUnreadable, whyUnwritable } from "./file-reason";
export {
	type AnswerConnectionTest,
	CONNECTION_TEST_EVENT,
	type ConnectionTestRequest,
	type ConnectionTestResult,
	type HostedBroker,
} from "./hosted";
export type { LimitOptions } from "./limits";
export type { ListenerCertificate, ListenerState } from "./listeners/listener";
export type { ListenerKind } from "./listeners/listener-options";
export type { TlsOptions } from "./listeners/tls-options";
export type { WebSocketPathListener, WebSocketPathOptions } from "./listeners/web-socket-path-listener";
export type { Delivery, LocalClient, LocalSubscribeOptions, LocalSubscription } from "./local-client";
export { makeFolders } from "./make-folders";
export { type Message, type MessageProperties, messageProperties, type QoS } from "./message";
export { whyNotMessage } from "./message-refusal";
export type { MetricsSnapshot } from "./metrics";
export { type BrokerOptions, defaultBrokerOptions, type ListenerOptions, parseBrokerOptions } from "./options";
export { type LabelledMetrics, prometheusContentType, prometheusText } from "./prometheus";
export { type KeptMessage, KeptMessages } from "./store/kept-messages";
export type { StoreProblem } from "./store/problem";
export type { StoredMessage } from "./store/store";
export * as storeTools from "./store/tools";
export { isTopicFilter, isTopicName, matchesTopic, whyNotFilter } from "./topic";
export { checkFilter } from "./topic-refusal";
