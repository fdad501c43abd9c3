/** A secret as one of the sources gives it. */

export interface GivenSecret {
	/** Id or name of the node. */
	readonly key: string;
	/** As the node calls it: `password`. */
	readonly field: string;
	readonly value: string;
	/** Where it stands, for messages: `secrets.json`. */
	readonly from: string;
}
