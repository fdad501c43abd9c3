/** The guard on the wire: what stands between a client's bytes and the engine. Nothing else in `wire/` is for others. */

export { type ConnectFacts, type ConnectRefusal, checkConnect } from "./check-connect";
export { checkPacket, type ProtocolVersion } from "./check-packet";
export { packetType } from "./fixed-header";
export { PacketFramer } from "./packet-framer";
export { connackCode, problems, type WireProblem } from "./problems";
export { type Place, type Property, type PropertyName, place, properties } from "./properties";
export { SubscribeParts } from "./subscribe-parts";
export { DEFAULT_TOPIC_LEVELS } from "./topics";
export { utf8Problem } from "./utf8";
