/** One measured figure and what it should be at most. */
export type Figure = {
	readonly name: string;
	readonly value: number;
	readonly aim: number;
	/** `×` for a ratio; a name otherwise. */
	readonly unit: '×' | 'B' | 'B/s' | '%' | 'MB' | 'ms';
	/** What it was made from. */
	readonly from: string;
};

export function median(values: readonly number[]): number {
	return percentile(values, 50);
}

/** The smallest value that so many per cent of the values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}

/** A table in Markdown. */
export function table(figures: readonly Figure[]): string {
	const rows = figures.map(({name, value, aim, unit, from}) => [
		name,
		`${round(value)} ${unit}`,
		`≤ ${aim} ${unit}`,
		value <= aim ? 'pass' : '**miss**',
		from,
	]);
	return [['Figure', 'Measured', 'Aim', '', 'From'], ['---', '---:', '---:', '---', '---'], ...rows]
		.map(cells => `| ${cells.join(' | ')} |`)
		.join('\n');
}

/** Milliseconds for a person to read. */
export function milliseconds(value: number): string {
	return value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

function round(value: number): string {
	return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
