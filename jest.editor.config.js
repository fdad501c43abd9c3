/** Tests in a real Chromium against a real Node-RED. */
module.exports = {
	...require("./jest.config.js"),
	testMatch: ["<rootDir>/test/editor/**/*.test.ts"],
	testPathIgnorePatterns: ["/node_modules/", "/dist/"],
	testTimeout: 120_000,
	maxWorkers: 1,
};
