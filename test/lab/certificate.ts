import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {command} from './commands.js';

export type Certificate = {
	/** PEM file of the authority, for those who are to trust it. */
	readonly ca: string;
	/** PEM files of the server. */
	readonly certificate: string;
	readonly key: string;
};

/** The extensions that strict clients insist on, among them Python since 3.13; see RFC 5280, 4.2.1. */
const configuration = (addresses: readonly string[]) => `[req]
distinguished_name = name
prompt = no

[name]
CN = OMFLOW test mirror

[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash

[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = ${addresses.map(address => `IP:${address}`).join(', ')}
`;

/**
Makes a certificate authority of its own, as companies have them, and a certificate of it for IP addresses. The files
are written into `directory`, which must exist; they hold for one day. Throws an Error with the output of openssl.
*/
export async function makeCertificate(directory: string, addresses: readonly string[]): Promise<Certificate> {
	const file = (name: string) => join(directory, name);
	const [ca, caKey] = [file('mirror-ca.pem'), file('mirror-ca.key')];
	const [certificate, key, request] = [file('mirror.pem'), file('mirror.key'), file('mirror.csr')];
	const config = file('mirror.cnf');
	await writeFile(config, configuration(addresses));
	const words = ['-config', config, '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
	const authority = ['-x509', '-days', '1', '-extensions', 'authority', '-subj', '/CN=OMFLOW test authority'];
	await command(['openssl', 'req', ...words, ...authority, '-keyout', caKey, '-out', ca]);
	await command(['openssl', 'req', ...words, '-new', '-keyout', key, '-out', request]);
	const signer = ['-CA', ca, '-CAkey', caKey, '-set_serial', '1', '-extfile', config, '-extensions', 'server'];
	await command(['openssl', 'x509', '-req', '-in', request, ...signer, '-days', '1', '-out', certificate]);
	return {ca, certificate, key};
}
