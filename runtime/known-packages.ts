/** Well-known node types of other people's packages, for the line that installs a missing one. */

/** A name that ends in `*` stands for all types that begin so. */
const packages: Readonly<Record<string, readonly string[]>> = {
	"@flowfuse/node-red-dashboard": ["ui-*"],
	"node-red-dashboard": ["ui_*"],
	"node-red-contrib-aedes": ["aedes broker"],
	"node-red-contrib-bigtimer": ["bigtimer"],
	"node-red-contrib-buffer-parser": ["buffer-parser", "buffer-maker"],
	"node-red-contrib-ccu": ["ccu-*"],
	"node-red-contrib-cron-plus": ["cronplus"],
	"node-red-contrib-home-assistant-websocket": [
		"server",
		"server-*",
		"api-call-service",
		"api-current-state",
		"api-get-history",
		"api-render-template",
		"trigger-state",
		"poll-state",
		"fire-event",
		"ha-*",
	],
	"node-red-contrib-homekit-bridged": ["homekit-*"],
	"node-red-contrib-influxdb": ["influxdb", "influxdb in", "influxdb out", "influxdb batch"],
	"node-red-contrib-knx-ultimate": ["knxUltimate*"],
	"node-red-contrib-modbus": ["modbus-*"],
	"node-red-contrib-moment": ["moment", "humanizer"],
	"node-red-contrib-mqtt-broker": ["mosca in"],
	"node-red-contrib-opcua": ["OpcUa-*"],
	"node-red-contrib-s7": ["s7 in", "s7 out", "s7 control", "s7 endpoint"],
	"node-red-contrib-shelly": ["shelly-*"],
	"node-red-contrib-telegrambot": ["telegram *"],
	"node-red-contrib-zigbee2mqtt": ["zigbee2mqtt-*"],
	"node-red-node-email": ["e-mail", "e-mail in", "e-mail mta"],
	"node-red-node-feedparser": ["feedparse"],
	"node-red-node-mysql": ["mysql", "MySQLdatabase"],
	"node-red-node-pi-gpio": ["rpi-*"],
	"node-red-node-ping": ["ping"],
	"node-red-node-random": ["random"],
	"node-red-node-serialport": ["serial in", "serial out", "serial request", "serial-port", "serial control"],
	"node-red-node-smooth": ["smooth"],
	"node-red-node-sqlite": ["sqlite", "sqlitedb"],
};

/** @returns the npm package that is known for this node type */
export function packageOf(type: string): string | undefined {
	return Object.keys(packages).find((name) => packages[name]?.some((pattern) => fits(pattern, type)));
}

function fits(pattern: string, type: string): boolean {
	return pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}
