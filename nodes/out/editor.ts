/** Editor half of the out node. */

export { jsonObject, seconds, topicName as topic } from "../editor/validate";
