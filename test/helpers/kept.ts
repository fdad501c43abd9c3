/** What a test has opened, ended after it. */

import { afterEach } from "@jest/globals";

/**
 * For the top of a test file.
 * @returns keeps something until the test is over; what was kept last ends first
 */
export function endedAfterEach(): <One extends AsyncDisposable>(one: One) => One {
	const open: AsyncDisposable[] = [];
	afterEach(async () => {
		for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
	});
	return (one) => {
		open.push(one);
		return one;
	};
}
