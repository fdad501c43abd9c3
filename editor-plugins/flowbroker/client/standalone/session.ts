/** The token of this page: in memory only, so that nobody finds it in the browser afterwards. */

class Session {
	#token: string | undefined;
	#ended: () => void = () => {};

	/** @param ended told when the server does not accept the token any more */
	begin(token: string, ended: () => void): void {
		this.#token = token;
		this.#ended = ended;
	}

	headers(): Record<string, string> {
		return this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` };
	}

	/** Requests that were under way may be refused after it. */
	end(): void {
		if (this.#token === undefined) return;
		this.#token = undefined;
		this.#ended();
	}
}

/** One for the page: its host is two globals, which nothing can be handed to. */
export const session = new Session();
