/** What the sidebar uses of Node-RED's editor, which is a global of its page. */

/** Type of the node that a topic becomes. */
export const IN_NODE = "flowbroker-in";

/** A jQuery object, as far as it is passed on here. */
interface Wrapped {
	readonly jquery: string;
	/** Of jQuery UI, by which Node-RED drags. */
	draggable(options: DragOptions & DragEvents): void;
	draggable(what: "instance"): { currentItem: Wrapped };
}

interface DragOptions {
	readonly helper: () => Wrapped;
	readonly appendTo: string;
	readonly cursorAt: { readonly left: number; readonly top: number };
	/** Pixels that the pointer has to move first. */
	readonly distance: number;
	readonly revert: "invalid";
	readonly revertDuration: number;
	readonly scroll: boolean;
}

export interface DragEvents {
	/** False: nothing is dragged. */
	start(): boolean;
	stop(): void;
}

/** A node of the editor that has just come. */
export interface AddedNode {
	readonly type: string;
	topic: string;
	/** Id of the config node. */
	broker: string;
}

export interface AjaxFailure {
	/** 0 when nothing answered. */
	readonly status: number;
	readonly responseJSON?: unknown;
}

interface JQueryRoot {
	(element: HTMLElement): Wrapped;
	/** Carries the token of Node-RED's login. */
	ajax(options: {
		readonly url: string;
		readonly method: string;
		readonly data?: string;
		readonly contentType?: string;
		readonly dataType: "json";
		readonly timeout: number;
	}): PromiseLike<unknown>;
}

interface Notification {
	close(): void;
}

interface NotifyOptions {
	readonly type?: "success" | "warning" | "error";
	readonly modal?: boolean;
	readonly fixed?: boolean;
	readonly buttons?: ReadonlyArray<{ readonly text: string; readonly class?: string; click(): void }>;
}

/** A node, tab, group or config node as the editor holds it. */
export interface EditorNode {
	readonly id: string;
	readonly type: string;
	/** Tab or subflow; empty for config nodes of all flows. */
	readonly z?: string;
	/** It differs from what is deployed. */
	changed?: boolean;
	moved?: boolean;
}

/** A node as it stands in a flow file, with credentials that were typed and not deployed yet. */
export interface ExportedNode {
	readonly id: string;
	readonly type: string;
	readonly z?: string;
	readonly credentials?: object;
	readonly [property: string]: unknown;
}

interface Editor {
	readonly actions: { add(name: string, action: () => void, options?: { readonly label: string }): void };
	readonly sidebar: {
		addTab(tab: {
			readonly id: string;
			readonly label: string;
			readonly name: string;
			readonly iconClass: string;
			readonly content: Wrapped;
			readonly action: string;
			readonly enableOnEdit: boolean;
			/** Of Node-RED 4. */
			readonly pinned: boolean;
			/** Of Node-RED 5. */
			readonly target: "primary" | "secondary";
		}): void;
		show(id: string): void;
		readonly config: { refresh(): void };
	};
	readonly user: { hasPermission(permission: string): boolean };
	/** Takes a text as HTML, so that everything from outside has to be given as an element. */
	notify(message: HTMLElement, options: NotifyOptions): Notification;
	readonly editor: { editConfig(name: string, type: string, id: string): void };
	readonly nodes: {
		node(id: string): EditorNode | null;
		createCompleteNodeSet(options?: { readonly credentials: boolean }): ExportedNode[];
		/** Removes everything. */
		clear(): void;
		import(nodes: readonly ExportedNode[]): { readonly nodes: readonly EditorNode[] } | undefined;
		/** Is something not deployed? */
		dirty(): boolean;
		dirty(is: boolean): void;
		/** Of the flows that the editor has loaded. */
		version(): string;
		version(is: string): void;
		updateConfigNodeUsers(node: AddedNode, options: { readonly action: "add" | "remove" }): void;
	};
	readonly events: {
		on(name: "nodes:add", listener: (node: AddedNode) => void): void;
		off(name: "nodes:add", listener: (node: AddedNode) => void): void;
	};
	readonly group: { getNodes(group: EditorNode, recursive: boolean): readonly EditorNode[] };
	readonly history: { push(event: object): void };
	readonly menu: {
		/** @param id of the menu; null is a line between items */
		addItem(
			id: string,
			item: { readonly id: string; readonly label: string; readonly onselect: string; readonly group?: string } | null,
		): void;
	};
	readonly palette: { refresh(): void };
	readonly workspaces: {
		/** Id of the tab or subflow that is shown. */
		active(): string;
		isLocked(id: string): boolean;
		refresh(): void;
		show(id: string, force: boolean): void;
	};
	readonly view: {
		selection(): { readonly nodes?: readonly EditorNode[] };
		redraw(now: boolean): void;
		/** The nodes hang at the pointer until they are put down. */
		importNodes(
			nodes: readonly object[],
			options: { readonly generateIds: boolean; readonly applyNodeDefaults: boolean; readonly notify: boolean },
		): void;
	};
	readonly popover: { tooltip(target: Wrapped, text: string): unknown };
}

declare global {
	const RED: Editor;
	const $: JQueryRoot;
}
