/** Password hashes made by Mosquitto's own tool, or in its form; see the sources beside each. */

const LONG_SALT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw";

/** 1 to 5: mosquitto_passwd 2.0.11; 6: node:crypto; 7: argon2-cffi with the parameters of Mosquitto 2.1. */
export const vectors = [
	{
		user: "alice",
		password: "correct horse",
		hash: "$6$Kx6CT3id3VZGjMcm$AcaSHm9VHrmhmtVEyqQlsiDaIgMYHGJnGeSv7Ys548U7Nndn9nxKZ2o3/mXy9/RnDPuAFeB0mXN0kLVlCp0ZRw==",
	},
	{
		user: "bob",
		password: "s3cret!",
		hash: "$7$101$UPTOv/WUASbW0sn9$jTS8kt7FHHN/x+FzF2/ldeBWuyKe3VPxooMqfqOPF2b90IqNLDBIaBeB+wnzeWKqB3Meb4AKVY6LwKZWKmw51g==",
	},
	{
		user: "carol",
		password: "pässwörd-ü€",
		hash: "$7$1000$l0phKnRyzMFkcALj$CWsY3tzLp9GG37XGTT3XXz4Q8k99eI4wSxyQOwzBpwFjF+xU7kl2rCfS3zNKjNM5d02DtumgSJuu6OeAxi2LNg==",
	},
	{
		user: "roger",
		password: "password",
		hash: "$6$dnr/WYsmPrIURUp4$uG2VASSu161/DzAbWe0cVtQx7a18B3XmDXRxKwDxYfet7AX4R8hox9jHSxO9cg2Z5FqrszI0pJ5XsF/pERJgoQ==",
	},
	{
		user: "dave",
		password: "x",
		hash: "$7$210000$6FNVuEY+TE/a6VyA$OhsLY75+fqzZ0RM+2NIa8F2N7XX2y0QpmfZVwRK6gV6Vl8wbFQ3da2ZDkq2AqboGe7finRMd9TMmImZlEYc5Bg==",
	},
	{
		user: "erin",
		password: "s3cret!",
		hash: `$7$1000$${LONG_SALT}==$7WwdDbsMvp9uJLAPjSmFKPMUP5oeX5PpbBi+gqDKgtQ/g9+7H4HZoUXlXHuPlbTOyXxNjCfSUdLeMMV2PVkL9w==`,
	},
	{
		user: "frank",
		password: "s3cret!",
		hash: `$argon2id$v=19$m=47104,t=1,p=1$${LONG_SALT}$cSyfmPLZZ1EiOh6VCoIbx6CxOe79XPluRjGcx3Sf6k3UPUiaZTMInN52svUmXqo3vxe5bB110htfXS+dxUUH+w`,
	},
] as const;

/** The hash of `user` among the vectors. */
export function hashOf(user: (typeof vectors)[number]["user"]): string {
	return vectors.find((vector) => vector.user === user)?.hash ?? "";
}
