/** Reads the sources of secrets that a command names. */

import type { CommandCall, CommandOption } from "../command";
import type { NodeRedInstallation } from "../node-red-installation";
import type { SecretsGiven } from "./collect";
import { readNodeRedCredentials } from "./node-red-credentials";
import { readSecretsFile } from "./secrets-file";
import { readSystemdCredentials } from "./systemd-credentials";

/** Every command that needs the secrets of a flow has them. */
export const secretOptions = {
	secrets: { value: "FILE", help: "secrets of the flow's nodes, as JSON or YAML, readable by you alone (chmod 600)" },
	credentials: { value: "FILE", help: "Node-RED's own flows_cred.json" },
	"credential-secret": {
		value: "FILE",
		help: "the secret that opens it (default: NODE_RED_CREDENTIAL_SECRET in the environment)",
	},
} as const satisfies Record<string, CommandOption>;

const why =
	"A secret must not stand on the command line, where the process list and the shell's history show it: write it to a file, and name that with --secrets FILE.";

/** Options that people try. */
export const refusedSecrets = { password: why, secret: why, pw: why } as const;

/** The files and folders; where there is none, it is undefined. */
export interface SecretSources {
	readonly secretsFile: string | undefined;
	readonly credentialsFile: string | undefined;
	readonly credentialSecretFile: string | undefined;
	readonly environment: NodeJS.ProcessEnv;
}

/** The sources that a call with {@link secretOptions} names. */
export function secretSourcesOf({ values }: CommandCall, environment: NodeJS.ProcessEnv): SecretSources {
	return {
		secretsFile: values.secrets,
		credentialsFile: values.credentials,
		credentialSecretFile: values["credential-secret"],
		environment,
	};
}

/** @throws FlowbrokerError for the first source that can't be read */
export async function readSources(sources: SecretSources, nodeRed: NodeRedInstallation): Promise<SecretsGiven> {
	const { secretsFile, credentialsFile, credentialSecretFile, environment } = sources;
	const systemdFolder = environment.CREDENTIALS_DIRECTORY;
	return {
		kept: credentialsFile ? await readNodeRedCredentials(credentialsFile, credentialSecretFile, environment) : {},
		fromFile: secretsFile ? await readSecretsFile(secretsFile, nodeRed) : [],
		fromSystemd: systemdFolder ? await readSystemdCredentials(systemdFolder) : [],
		environment,
	};
}
