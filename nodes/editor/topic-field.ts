/** A field for a topic that offers those in use, as Node-RED's own MQTT nodes do. */

// For the types of `$`.
import "./node-red";

/** @param node that the form is about */
export function offerTopics(id: string, node: object): void {
	$(`#${id}`).autoComplete({
		minLength: 0,
		completionPluginType: "node-red-mqtt-topic-autocomplete-source",
		context: { node },
	});
}
