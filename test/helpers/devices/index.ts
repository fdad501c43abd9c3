/** Simulated devices of a home: real MQTT clients that say what the vendors' documents say. */

export { Device } from "./device";
export type { DevicePlace } from "./device-connection";
export { EspHomeClimate } from "./esphome";
export { type HaEntity, HomeAssistant } from "./home-assistant";
export { Misfortune } from "./misfortune";
export { type Random, seededRandom } from "./random";
export { ShellyGen1 } from "./shelly-gen1";
export { ShellyGen2 } from "./shelly-gen2";
export { TasmotaPlug } from "./tasmota";
export { Zigbee2Mqtt, type ZigbeeDevice, zigbeeModels } from "./zigbee2mqtt";
