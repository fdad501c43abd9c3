/** The tests that need nothing but Node and npm. The other two suites extend this one. */
module.exports = {
	rootDir: __dirname,
	roots: ["<rootDir>/test"],
	testMatch: ["**/*.test.ts"],
	testPathIgnorePatterns: ["/node_modules/", "/dist/", "<rootDir>/test/peers/", "<rootDir>/test/editor/"],
	modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.work/"],
	transform: {
		"^.+\\.ts$": [
			"@swc/jest",
			{
				jsc: { parser: { syntax: "typescript" }, target: "es2022" },
				module: { type: "commonjs", ignoreDynamic: true },
			},
		],
	},
	testTimeout: 20_000,
	maxWorkers: 2,
};
