/** The kinds of entities, by Home Assistant's names. */

import type { HaComponent } from "../properties";
import { climate } from "./climate";
import type { Component } from "./component";
import { cover } from "./cover";
import { light } from "./light";
import { binarySensor, button, deviceTrigger, number, sensor, switchComponent } from "./simple";

export const components: Readonly<Record<HaComponent, Component>> = {
	binary_sensor: binarySensor,
	button,
	climate,
	cover,
	device_automation: deviceTrigger,
	light,
	number,
	sensor,
	switch: switchComponent,
};

export type { Component, State } from "./component";
