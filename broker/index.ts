/** The public face of the broker. Nothing else in `broker/` is for other folders. */

export type { AccessChange, AccessControl, Decision, Login, LoginResult, SessionAccess } from "./access/access";
export { type Broker, type BrokerDependencies, createBroker } from "./broker";
export { type ErrorCode, errorTable, FlowbrokerError, toFlowbrokerError } from "./errors";
export type { BrokerEventMap, BrokerState, ClientInfo } from "./events";
export type { HostedBroker } from "./hosted";
export type { ListenerState } from "./listeners/listener";
export type { Delivery, LocalClient, LocalSubscribeOptions, LocalSubscription } from "./local-client";
export type { Message, MessageProperties, QoS } from "./message";
export type { LimitOptions } from "./limits";
export { type BrokerOptions, defaultBrokerOptions, type ListenerOptions, parseBrokerOptions } from "./options";
export { isTopicFilter, isTopicName, matchesTopic, whyNotFilter } from "./topic";
