/**
 * Home Assistant's MQTT integration, as far as others see it: takes discovery messages, follows states and availability,
 * sends commands, and says `online` at `homeassistant/status` when it starts.
 * https://www.home-assistant.io/integrations/mqtt/
 */

import { LookOut } from "../look-out";
import { jsonOf } from "./device";
import { DeviceConnection, type DevicePlace } from "./device-connection";
import { type Discovered, readDeviceDiscovery } from "./ha-discovery";

interface Availability {
	readonly topic: string;
	readonly payload_available?: string;
	readonly payload_not_available?: string;
}

/** An entity, or a device trigger, as it stands in the registry. */
export interface HaEntity extends Discovered {
	readonly deviceId: string;
	readonly key: string;
}

export class HomeAssistant {
	readonly connection: DeviceConnection;
	readonly #entities = new Map<string, HaEntity>();
	readonly #values = new Map<string, string>();
	readonly #lookOut = new LookOut();
	/** What was not accepted. */
	readonly problems: string[] = [];
	/** Device triggers that went off: type and subtype. */
	readonly triggered: string[] = [];

	constructor(place: DevicePlace, prefix = "homeassistant") {
		this.connection = new DeviceConnection(place, {
			clientId: "home-assistant",
			protocolVersion: 5,
			will: { topic: `${prefix}/status`, payload: "offline", retain: false },
			// The real one subscribes to each topic that a discovery message names; what it sees is the same.
			subscriptions: ["#"],
			greet: () => this.connection.publish(`${prefix}/status`, "online", { qos: 0 }),
			receive: (topic, text) => {
				const config = new RegExp(`^${prefix}/device/([^/]+)/config$`).exec(topic);
				if (config) this.#discover(config[1] as string, text);
				else this.#value(topic, text);
				this.#lookOut.changed();
			},
		});
	}

	start(): Promise<void> {
		return this.connection.start();
	}

	/** A stop of Home Assistant: its registry is read anew from retained messages at the next start. */
	async stop(): Promise<void> {
		await this.connection.stop();
		this.#entities.clear();
		this.#values.clear();
	}

	/** Resolves when the entity is there, and fits. @param id key of device and entity: `hall/lamp` */
	entity(id: string, fits: (entity: HaEntity) => boolean = () => true): Promise<HaEntity> {
		return this.#lookOut.until(() => {
			const found = this.#entities.get(id);
			return found && fits(found) ? found : undefined;
		});
	}

	/** Resolves when the entity is not there, or not any more. */
	async absent(id: string): Promise<void> {
		await this.#lookOut.until(() => !this.#entities.has(id) || undefined);
	}

	get ids(): string[] {
		return [...this.#entities.keys()].sort();
	}

	/** Resolves when the entity is available, or is not. */
	async available(id: string, wanted = true): Promise<void> {
		await this.#lookOut.until(() => this.#isAvailable(id) === wanted || undefined);
	}

	/** Resolves when a value of the entity fits: `state`, `position`, `temperature`, `mode`... */
	async shows(id: string, name: string, value: unknown): Promise<void> {
		await this.#lookOut.until(() => this.value(id, name) === value || undefined);
	}

	/** A value that the entity shows now, by the topic and the template in its settings. */
	value(id: string, name: string): unknown {
		const entity = this.#entities.get(id);
		if (!entity) return undefined;
		const { config, platform } = entity;
		const kind = name === "state" && platform === "climate" ? "mode" : name;
		const topic = [`${kind}_state_topic`, `${kind}_topic`, "state_topic"].map((key) => config[key]).find(Boolean);
		const text = this.#values.get(String(topic));
		if (text === undefined) return undefined;
		const template = config[`${kind}_state_template`] ?? config[`${kind}_template`] ?? config.value_template;
		const property = /^\{\{ value_json\.(\w+) \}\}$/.exec(String(template))?.[1];
		if (property) return jsonOf(text)?.[property];
		return config.schema === "json" ? jsonOf(text)?.[kind] : text;
	}

	/** Presses, switches or moves. @param part as in the settings' name: `mode` for `mode_command_topic` */
	command(id: string, payload: unknown, part?: "mode" | "temperature" | "position"): void {
		const { config } = this.#entities.get(id) ?? {};
		const key = part === "position" ? "set_position_topic" : part ? `${part}_command_topic` : "command_topic";
		const topic = config?.[key];
		if (typeof topic !== "string") throw new Error(`${id} has no ${key}`);
		this.connection.publish(topic, payload, { qos: 0 });
	}

	#isAvailable(id: string): boolean | undefined {
		const config = this.#entities.get(id)?.config;
		if (!config) return undefined;
		const said = ((config.availability ?? []) as Availability[]).map((one) => {
			return this.#values.get(one.topic) === (one.payload_available ?? "online");
		});
		return config.availability_mode === "all" ? said.every(Boolean) : said.some(Boolean);
	}

	#discover(deviceId: string, text: string): void {
		const own = [...this.#entities].filter(([, entity]) => entity.deviceId === deviceId);
		if (text === "") {
			for (const [id] of own) this.#entities.delete(id);
			return;
		}
		try {
			for (const [key, found] of readDeviceDiscovery(text).components) {
				const id = `${deviceId}/${key}`;
				if (found) this.#entities.set(id, { ...found, deviceId, key });
				else this.#entities.delete(id);
			}
		} catch (error) {
			this.problems.push(`${deviceId}: ${error instanceof Error ? error.message : error}`);
		}
	}

	#value(topic: string, text: string): void {
		this.#values.set(topic, text);
		for (const { platform, config } of this.#entities.values()) {
			if (platform !== "device_automation" || config.topic !== topic) continue;
			if (config.payload === undefined || config.payload === text)
				this.triggered.push(`${config.type} ${config.subtype}`);
		}
	}
}
