/** Writes the systemd unit of a flow: a user of its own, nothing writable but its data, watched, and restarted. Pure. */

/** What a unit is made of. All paths are absolute. */
export interface UnitOptions {
	/** What people read in `systemctl status`. */
	readonly description: string;
	/** The user that the flow runs as. */
	readonly user: string;
	/** What is started: the program, then its arguments. */
	readonly command: readonly string[];
	/** Files that only the service gets to see: credential name -> file. */
	readonly credentials: ReadonlyMap<string, string>;
	/** Further environment variables. systemd's specifiers, such as `%d`, are filled in. */
	readonly environment: ReadonlyMap<string, string>;
	/** The data folder. */
	readonly data: string;
	/** Something that the service reads lies below /home or /root. */
	readonly readsHomes: boolean;
	/** A port below 1024 is wanted. */
	readonly lowPort: boolean;
	/** Serial ports, GPIO and the like may be used. */
	readonly devices: boolean;
	/** Megabytes; without it there is no limit. */
	readonly memory: number | undefined;
	/** The version of systemd: some settings are too new for older ones, which would warn. */
	readonly systemd: number;
}

/** From this version on the pause before a restart grows. */
const growingPauseSince = 254;

/** Where systemd makes and owns a folder by itself. */
const stateFolder = /^\/var\/lib\/([\w.-]+)$/;

export function unitText(options: UnitOptions): string {
	const sections = [
		["[Unit]", ...unitSection(options)],
		["[Service]", ...serviceSection(options), "", ...restarts(options), "", ...hardening(options)],
		["[Install]", "WantedBy=multi-user.target"],
	];
	return `# Made by "flowbroker service install": it writes this file anew when it is called again.\n${sections
		.map((lines) => lines.join("\n"))
		.join("\n\n")}\n`;
}

function unitSection({ description }: UnitOptions): string[] {
	return [
		`Description=${description.replaceAll("%", "%%")}`,
		"Documentation=https://github.com/flowbroker/node-red",
		"Wants=network-online.target",
		"After=network-online.target",
		"# A flow that fails ten times in ten minutes stays down until somebody looks: systemctl reset-failed, then start.",
		"StartLimitIntervalSec=600",
		"StartLimitBurst=10",
	];
}

function serviceSection(options: UnitOptions): string[] {
	const { user, command, credentials, environment, data, memory } = options;
	const state = stateFolder.exec(data)?.[1];
	return [
		`User=${user}`,
		...(state === undefined
			? [`ReadWritePaths=${quote(data)}`]
			: [`StateDirectory=${state}`, "StateDirectoryMode=0750"]),
		`WorkingDirectory=${data.replaceAll("%", "%%")}`,
		...[...credentials].map(([name, file]) => `LoadCredential=${name}:${file.replaceAll("%", "%%")}`),
		"Environment=NODE_ENV=production",
		...[...environment].map(([name, value]) => `Environment=${name}=${value}`),
		"# The program tells by systemd-notify when the flow runs, and that it still answers: hence NotifyAccess=all.",
		"Type=notify",
		"NotifyAccess=all",
		`ExecStart=${command.map(quote).join(" ")}`,
		"# Reads changed flow files; nobody is disconnected.",
		"ExecReload=/bin/kill -HUP $MAINPID",
		"TimeoutStartSec=120",
		"TimeoutStopSec=15",
		"WatchdogSec=60",
		"LimitNOFILE=65536",
		// V8 limits its own heap first; the rest of a process is some 60 MB.
		...(memory === undefined ? [] : [`MemoryMax=${memory + Math.max(64, Math.ceil(memory / 4))}M`]),
	];
}

function restarts({ systemd }: UnitOptions): string[] {
	const pause =
		systemd >= growingPauseSince ? ["RestartSec=2", "RestartSteps=6", "RestartMaxDelaySec=60"] : ["RestartSec=10"];
	return [
		"Restart=on-failure",
		...pause,
		"# Exit code 2 is a mistake in a file or a setting, which a restart does not mend.",
		"RestartPreventExitStatus=2",
	];
}

/** Not MemoryDenyWriteExecute: V8 compiles while it runs. */
function hardening({ readsHomes, lowPort, devices }: UnitOptions): string[] {
	return [
		"NoNewPrivileges=yes",
		"UMask=0077",
		"ProtectSystem=strict",
		`ProtectHome=${readsHomes ? "read-only" : "yes"}`,
		"PrivateTmp=yes",
		...(devices ? ["# Serial ports and GPIO.", "SupplementaryGroups=dialout"] : ["PrivateDevices=yes"]),
		"ProtectClock=yes",
		"ProtectControlGroups=yes",
		"ProtectHostname=yes",
		"ProtectKernelLogs=yes",
		"ProtectKernelModules=yes",
		"ProtectKernelTunables=yes",
		"ProtectProc=invisible",
		"RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
		"RestrictNamespaces=yes",
		"RestrictRealtime=yes",
		"RestrictSUIDSGID=yes",
		"RemoveIPC=yes",
		"LockPersonality=yes",
		"SystemCallArchitectures=native",
		"SystemCallFilter=@system-service",
		"SystemCallErrorNumber=EPERM",
		...(lowPort
			? ["CapabilityBoundingSet=CAP_NET_BIND_SERVICE", "AmbientCapabilities=CAP_NET_BIND_SERVICE"]
			: ["CapabilityBoundingSet="]),
	];
}

/** One word of a command line as systemd reads it. */
function quote(word: string): string {
	const text = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
	return /^[\w./:=@%$+,-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}
