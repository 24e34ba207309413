import {readFile} from 'node:fs/promises';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {createServer} from 'node:https';
import type {AddressInfo} from 'node:net';
import {buffer} from 'node:stream/consumers';
import {pipeline} from 'node:stream/promises';
import {makeCertificate} from './certificate.js';
import {aptRepository, pythonIndex, type Resource} from './mirror-index.js';

export type MirrorOptions = {
	/** Gets the certificates; must exist. */
	readonly directory: string;
	/** Folder with *.deb. What is there at the start is offered. */
	readonly debs?: string;
	/** Folder with wheels and sdists; likewise. */
	readonly wheels?: string;
	readonly user: string;
	readonly password: string;
	/** IPv4 address to listen on, for example the host's end of a lab server's cable. Default: 127.0.0.1. */
	readonly address?: string;
	/** The first download of a path that matches breaks off, and only that one. */
	readonly breakOnce?: RegExp;
	/** After how many bytes of its content. Default: none, only the header. */
	readonly failAfter?: number;
};

export type MirrorRequest = {
	readonly method: string;
	/** Decoded, without dots and without a query. */
	readonly path: string;
	/** A download that broke off counts with the status it began with. */
	readonly status: number;
	readonly authorized: boolean;
};

export type Mirror = {
	/** https://127.0.0.1:PORT */
	readonly url: string;
	/** PEM file of the authority. */
	readonly ca: string;
	/** Every request so far, in order. */
	readonly requests: readonly MirrorRequest[];
	/** Ends open connections too. Safe to call again. */
	stop(): Promise<void>;
};

type Answer = {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string | number>>;
	readonly content?: {readonly resource: Resource; readonly from: number; readonly until: number};
};

/**
A company's mirror: HTTPS with a certificate of its own authority, and a user's name and password for everything.
`/apt/` is a flat repository (`deb [trusted=yes] URL/apt/ ./`), `/simple/` a Python index whose files are below
`/files/`. Throws an Error when openssl or dpkg-deb fails or the address cannot be listened on.
*/
export async function startMirror(options: MirrorOptions): Promise<Mirror> {
	const {directory, debs, wheels, address = '127.0.0.1', failAfter = 0} = options;
	const {ca, certificate, key} = await makeCertificate(directory, [...new Set(['127.0.0.1', address])]);
	const resources = new Map([
		...(debs === undefined ? [] : await aptRepository(debs)),
		...(wheels === undefined ? [] : await pythonIndex(wheels)),
	]);
	const credentials = `Basic ${Buffer.from(`${options.user}:${options.password}`).toString('base64')}`;
	const requests: MirrorRequest[] = [];
	let isBroken = options.breakOnce === undefined;

	async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const {method = ''} = request;
		const path = pathOf(request);
		const authorized = request.headers.authorization === credentials;
		const {status, headers, content} = authorized
			? answer(request, resources.get(path))
			: {status: 401, headers: {'WWW-Authenticate': 'Basic realm="OMFLOW test mirror"'}};
		requests.push({method, path, status, authorized});
		response.writeHead(status, {'Content-Length': 0, ...headers});
		if (!content || method === 'HEAD') {
			response.end();
			return;
		}

		const {resource, from, until} = content;
		if (!isBroken && options.breakOnce?.test(path)) {
			isBroken = true;
			response.flushHeaders();
			const part = await buffer(resource.read(from, Math.min(until, from + failAfter)));
			// Not ended: the client sees its connection go, without TLS's own farewell.
			response.write(part, () => response.destroy());
			return;
		}

		await pipeline(resource.read(from, until), response);
	}

	const tls = {key: await readFile(key), cert: await readFile(certificate)};
	const server = createServer(tls, (request, response) => {
		// A client that goes away, or a file that did.
		handle(request, response).catch(() => response.destroy());
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, address, resolve);
	});
	return {
		url: `https://${address}:${(server.address() as AddressInfo).port}`,
		ca,
		requests,
		async stop() {
			await new Promise<void>(resolve => {
				server.close(() => resolve());
				server.closeAllConnections();
			});
		},
	};
}

/**
apt asks for `/apt/./Packages`, and encodes the percent sign of `%3a`, which Debian writes into a file's name for the
colon of a version.
*/
function pathOf(request: IncomingMessage): string {
	const given = request.url ?? '';
	try {
		return decodeURIComponent(new URL(given, 'https://mirror').pathname);
	} catch {
		return given;
	}
}

/** As RFC 9110 has it, with what apt and pip ask for: the whole, what is newer, and the rest of a part. */
function answer(request: IncomingMessage, resource: Resource | undefined): Answer {
	const {method = '', headers} = request;
	if (method !== 'GET' && method !== 'HEAD') {
		return {status: 405, headers: {Allow: 'GET, HEAD'}};
	}

	if (!resource) {
		return {status: 404};
	}

	const {size, modified, type} = resource;
	const common = {'Last-Modified': modified.toUTCString(), 'Accept-Ranges': 'bytes', 'Content-Type': type};
	if (Date.parse(headers['if-modified-since'] ?? '') >= modified.getTime()) {
		return {status: 304, headers: common};
	}

	const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
	// A part of another version is of no use.
	const since = headers['if-range'];
	if (first === undefined || (since !== undefined && Date.parse(String(since)) !== modified.getTime())) {
		return {status: 200, headers: {...common, 'Content-Length': size}, content: {resource, from: 0, until: size}};
	}

	const from = Number(first);
	const until = last ? Math.min(Number(last) + 1, size) : size;
	if (from >= size) {
		return {status: 416, headers: {'Content-Range': `bytes */${size}`}};
	}

	const range = {'Content-Range': `bytes ${from}-${until - 1}/${size}`, 'Content-Length': until - from};
	return {status: 206, headers: {...common, ...range}, content: {resource, from, until}};
}
