/** Tests against other people's MQTT software: Mosquitto's clients and broker, Paho. */
module.exports = {
	...require("./jest.config.js"),
	testMatch: ["<rootDir>/test/peers/**/*.test.ts"],
	testPathIgnorePatterns: ["/node_modules/", "/dist/"],
	testTimeout: 60_000,
	maxWorkers: 1,
};
