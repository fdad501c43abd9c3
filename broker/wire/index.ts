/** The guard on the wire: what stands between a client's bytes and the engine. Nothing else in `wire/` is for others. */

export { type ConnectFacts, type ConnectRefusal, checkConnect } from "./check-connect";
export { checkPacket, type ProtocolVersion } from "./check-packet";
export {
	decodeAnswer,
	decodeAuth,
	decodeDisconnect,
	decodePublish,
	decodeSubscribe,
	decodeUnsubscribe,
	type PublishPacket,
	type RequestedSubscription,
} from "./decode";
export { type ConnectPacket, type ConnectWill, decodeConnect } from "./decode-connect";
export {
	answer,
	encodeAnswer,
	encodeAuth,
	encodeConnack,
	encodeDisconnect,
	encodePingresp,
	encodePublish,
	encodeSuback,
	encodeUnsuback,
} from "./encode";
export { packetType } from "./fixed-header";
export { PacketFramer } from "./packet-framer";
export { connackCode, problems, type WireProblem } from "./problems";
export { type Place, type Property, type PropertyName, place, properties } from "./properties";
export type { PropertyValues } from "./property-values";
export { SubscribeParts } from "./subscribe-parts";
export { DEFAULT_TOPIC_LEVELS } from "./topics";
export { utf8Problem } from "./utf8";
