import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net, {type AddressInfo} from 'node:net';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {probe} from '../../source/host/http.js';
import {lacks, workshop} from './support.js';

/** Starts a server on a free port of its own; returns the port. */
async function listening(t: TestContext, server: net.Server): Promise<number> {
	const sockets = new Set<net.Socket>();
	server.on('connection', socket => sockets.add(socket));
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.after(() => {
		for (const socket of sockets) {
			socket.destroy();
		}

		server.close();
	});
	return (server.address() as AddressInfo).port;
}

test('a page, a redirect and a login answer; a server error does not', async t => {
	const asked: string[] = [];
	const port = await listening(
		t,
		http.createServer((request, response) => {
			asked.push(request.url ?? '');
			const status = Number(request.url?.slice(1));
			response.writeHead(status, {location: '/200'}).end('x'.repeat(100_000));
		}),
	);
	for (const [status, answers, reply] of [
		[200, true, '200 OK'],
		[302, true, '302 Found'],
		[403, true, '403 Forbidden'],
		[500, false, '500 Internal Server Error'],
		[503, false, '503 Service Unavailable'],
	] as const) {
		const result = await probe(`http://127.0.0.1:${port}/${status}`, 5000);
		assert.deepEqual({...result, milliseconds: 0}, {answers, reply, status, milliseconds: 0});
	}

	assert.deepEqual(asked, ['/200', '/302', '/403', '/500', '/503'], 'the redirect was not followed');
});

test('a closed port, a silent one, a rude one and one that speaks something else do not answer', async t => {
	const silent = await listening(
		t,
		net.createServer(() => {}),
	);
	const rude = await listening(
		t,
		net.createServer(socket => socket.destroy()),
	);
	const other = await listening(
		t,
		net.createServer(socket => socket.end('SSH-2.0-OpenSSH\r\n')),
	);
	const closedServer = net.createServer();
	const closed = await new Promise<number>(resolve => {
		closedServer.listen(0, '127.0.0.1', () => {
			const {port} = closedServer.address() as AddressInfo;
			closedServer.close(() => resolve(port));
		});
	});
	const reply = async (url: string, limit = 5000) => {
		const result = await probe(url, limit);
		assert.equal(result.answers, false);
		assert.equal(result.status, undefined);
		return result.reply;
	};

	assert.equal(await reply(`http://127.0.0.1:${closed}/`), 'connection refused');
	assert.equal(await reply(`http://127.0.0.1:${silent}/`, 100), 'no answer within 0.1 s');
	assert.equal(await reply(`http://127.0.0.1:${rude}/`), 'connection closed without an answer');
	assert.equal(await reply(`http://127.0.0.1:${other}/`), 'the answer is not HTTP');
});

test('what is no address does not throw', async () => {
	for (const url of ['', 'omflow', 'file:///etc/passwd', 'http://']) {
		assert.equal((await probe(url, 1000)).reply, 'not an http address', url);
	}
});

test('a self-signed certificate is accepted, and plain HTTP on a TLS address is named', async t => {
	const missing = await lacks('/usr/bin/openssl');
	if (missing) {
		t.skip(missing);
		return;
	}

	const {directory, runner} = await workshop(t);
	const [key, certificate] = [join(directory, 'key'), join(directory, 'certificate')];
	const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate];
	await runner.capture(['openssl', ...words, '-days', '1', '-subj', '/CN=omflow.example.org']);
	const options = {key: await readFile(key), cert: await readFile(certificate)};
	const port = await listening(
		t,
		https.createServer(options, (_, response) => response.end('x')),
	);
	assert.equal((await probe(`https://127.0.0.1:${port}/`, 5000)).reply, '200 OK');
	const plain = await listening(
		t,
		http.createServer((_, response) => response.end('x')),
	);
	assert.equal((await probe(`https://127.0.0.1:${plain}/`, 5000)).reply, 'no TLS on this port');
});
