/** The sidebar in a real Chromium, used as a person uses it, with the logins that it is tested with. */

import type { Locator, Page } from "playwright-core";

const PASSWORD = "look-and-change";
/** bcrypt, of the password above. */
const HASH = "$2b$08$Xg4qR0YpCnU1vkPl0aHN3OtXuYXsZ60w5osFOTZRqEuMeao0etqFC";

/** An owner, who may do everything, and a reader, who may only look. */
export const loginSettings = {
	adminAuth: {
		type: "credentials",
		users: [
			{ username: "owner", password: HASH, permissions: "*" },
			{ username: "reader", password: HASH, permissions: "read" },
		],
	},
};

export class Sidebar {
	readonly errors: string[] = [];
	readonly root: Locator;

	constructor(readonly page: Page) {
		this.root = page.locator(".flowbroker-sidebar");
		// The machine may be busy.
		page.setDefaultTimeout(40_000);
		page.on("pageerror", (error) => this.errors.push(error.message));
	}

	async logIn(url: string, user: string): Promise<void> {
		await this.page.goto(url);
		await this.page.fill("#node-dialog-login-username", user);
		await this.page.fill("#node-dialog-login-password", PASSWORD);
		await this.page.click("#node-dialog-login-submit");
		await this.page.waitForSelector(".red-ui-palette-node");
		await this.page.evaluate(() =>
			(window as unknown as { RED: { sidebar: { show(id: string): void } } }).RED.sidebar.show("flowbroker"),
		);
		await this.see("running");
	}

	/** By the list or by the tab, whichever is there at this width. */
	async open(name: string): Promise<void> {
		const list = this.root.getByRole("combobox", { name: "Page" });
		if (await list.isVisible()) await list.selectOption({ label: name });
		else await this.root.getByRole("tab", { name, exact: true }).click();
	}

	async see(text: string | RegExp): Promise<void> {
		await this.root.getByText(text).locator("visible=true").first().waitFor();
	}

	async noMore(text: string): Promise<void> {
		await this.root.getByText(text, { exact: true }).first().waitFor({ state: "hidden" });
	}

	section(name: string): Locator {
		return this.root.getByRole("region", { name, exact: true });
	}

	/** Presses a button of a question that stands over the editor. */
	async answer(button: string): Promise<string> {
		const question = this.page.getByRole("alertdialog");
		await question.waitFor();
		const text = (await question.getAttribute("aria-label")) ?? "";
		await question.getByRole("button", { name: button, exact: true }).click();
		// It slides out: the next question must not be taken for this one.
		await question.waitFor({ state: "detached" });
		return text;
	}

	async mqttPort(): Promise<number> {
		await this.open("Overview");
		const place = this.root.getByText(/^tcp:\/\/127\.0\.0\.1:\d+$/);
		await place.waitFor();
		return Number(/\d+$/.exec((await place.textContent()) ?? "")?.[0]);
	}

	async addUser(name: string, password: string): Promise<void> {
		await this.open("Users");
		const users = this.section("Users");
		await users.getByRole("button", { name: "Add a user" }).click();
		await users.getByLabel("Name").fill(name);
		await users.getByLabel("Password", { exact: true }).selectOption("type");
		await users.getByLabel("New password").locator("visible=true").fill(password);
		await users.getByRole("button", { name: "Add", exact: true }).click();
		await users.getByText(name, { exact: true }).waitFor();
	}
}
