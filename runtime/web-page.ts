/** Serves the pages of the sidebar as a web page, for a machine without the editor. It holds nothing: all comes from the admin API. */

import { join } from "node:path";
import express, { type RequestHandler, type Router } from "express";

/** Built from the sidebar's client. */
const folder = join(__dirname, "web");

/** Nothing from elsewhere, and nobody may frame it. */
const policy = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"connect-src 'self'",
	"img-src 'self' data:",
	"form-action 'none'",
	"base-uri 'none'",
	"frame-ancestors 'none'",
].join("; ");

export function createWebPage(): Router {
	const router = express.Router();
	router.use(protect, express.static(folder, { cacheControl: false, etag: true }));
	return router;
}

const protect: RequestHandler = (_request, response, next) => {
	response.setHeader("Content-Security-Policy", policy);
	response.setHeader("X-Content-Type-Options", "nosniff");
	response.setHeader("Referrer-Policy", "no-referrer");
	// A page of an older version would ask for what is gone.
	response.setHeader("Cache-Control", "no-cache");
	next();
};
