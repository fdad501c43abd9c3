import { expect, test } from "@jest/globals";
import { EditorPage } from "../helpers/editor-page";
import { inEachEditor } from "../helpers/editor-stage";

/** Screenshots for people, not kept in the repository. */
inEachEditor("the form of the events node", {}, (stage) => {
	test("keeps which kinds of events are chosen", async () => {
		const page = await stage.browser.newPage({ viewport: { width: 1280, height: 1000 } });
		const editor = new EditorPage(page);
		await editor.open(stage.nodeRed.url);
		const node = await editor.drag("flowbroker-events", 220, 140);
		const chosen = () =>
			page.locator("[id^=flowbroker-events-]:checked").evaluateAll((boxes) => boxes.map(({ id }) => id));
		await editor.edit(node);
		expect(await chosen()).toEqual(["connected", "disconnected", "refused"].map((kind) => `flowbroker-events-${kind}`));
		await page.uncheck("#flowbroker-events-refused");
		for (const kind of ["banned", "certificate", "store"]) await page.check(`#flowbroker-events-${kind}`);
		await page.screenshot({ path: stage.picture("events-form") });
		await editor.done();
		await editor.edit(node);
		const kinds = ["connected", "disconnected", "banned", "certificate", "store"];
		expect(await chosen()).toEqual(kinds.map((kind) => `flowbroker-events-${kind}`));
		await editor.done();
		expect(editor.errors).toEqual([]);
		await page.close();
	});
});
