import {mark, type Text} from '../locales/index.js';

/** What a sample server can be. A, B and C are the shapes of Apache site seen with OMFLOW servers; B is the vendor's own. */
export type SampleShape = 'A' | 'B' | 'C' | 'hops' | 'collector' | 'both' | 'postgresql' | 'mariadb';

/** Of every shape: the version it is built with, the one to take it to, and one short sentence for the help. */
export const sampleShapes: Readonly<
	Record<
		SampleShape,
		{readonly version: string; readonly to: string; readonly via?: readonly string[]; readonly meaning: Text}
	>
> = {
	A: {version: '1.1.6.3', to: '1.2.0.0', meaning: mark('Apache loads the WSGI module outside of the site file.')},
	B: {version: '1.1.6.3', to: '1.2.0.0', meaning: mark("The site file is the vendor's own.")},
	C: {version: '1.1.6.3', to: '1.2.0.0', meaning: mark('The server answers at HTTPS only.')},
	hops: {version: '1.1.6.1', to: '1.2.0.0', via: ['1.1.6.3'], meaning: mark('An older server goes to 1.1.6.3 first.')},
	collector: {version: '1.1.6.1', to: '1.1.6.3', meaning: mark('There is a collector only, without Apache.')},
	both: {version: '1.1.6.3', to: '1.2.0.0', meaning: mark('Server and collector share one environment.')},
	postgresql: {version: '1.1.6.3', to: '1.2.0.0', meaning: mark('The server keeps its data in PostgreSQL.')},
	mariadb: {version: '1.1.6.3', to: '1.2.0.0', meaning: mark('The server keeps its data in MariaDB.')},
};

export type SampleRole = 'server' | 'collector';

/** What of OMFLOW a sample has, in the order in which it is started. */
export function rolesOf(shape: SampleShape): SampleRole[] {
	return shape === 'collector' ? ['collector'] : shape === 'both' ? ['server', 'collector'] : ['server'];
}

/** The database server of a sample; undefined where SQLite is all it has. */
export function databaseServerOf(shape: SampleShape): 'postgresql' | 'mariadb' | undefined {
	return shape === 'postgresql' || shape === 'mariadb' ? shape : undefined;
}

/** Where one of its roles answers, inside the view. Default: the server, or the collector where it is alone. */
export function sampleUrl(shape: SampleShape, role: SampleRole | undefined = rolesOf(shape)[0]): string {
	if (role === 'collector') {
		return 'http://127.0.0.1:5168/';
	}

	return shape === 'C' ? 'https://127.0.0.1/' : 'http://127.0.0.1/';
}
