/** The public face of the migration: from other MQTT nodes and brokers to flowbroker. Pure: values in, values out. */

export type { ConvertAnswer, ConvertRequest } from "./convert-request";
export { type Conversion, type ConvertOptions, convertFlow } from "./core-nodes/convert";
export { copyCredentials, type NodeCredentials } from "./core-nodes/credentials";
export { type Remark, remarkTexts } from "./core-nodes/remark";
export type { FlowNode } from "./flow-node";
export { type ConfLine, type LineRemark, parseConf } from "./mosquitto-conf/conf-line";
export { type ConfImport, importConf } from "./mosquitto-conf/import-conf";
