/** The package brings no types; these are of what is used here. */
declare module 'gifenc' {
	type Palette = ReadonlyArray<readonly number[]>;
	type FrameOptions = {
		readonly palette?: Palette;
		readonly delay: number;
		readonly transparent: boolean;
		readonly transparentIndex: number;
		readonly dispose: number;
	};
	type Encoder = {
		writeFrame(indices: Uint8Array, width: number, height: number, options: FrameOptions): void;
		finish(): void;
		bytes(): Uint8Array;
	};
	const gifenc: {
		GIFEncoder(): Encoder;
		quantize(rgba: Uint8Array, colors: number, options: {readonly format: 'rgb565'}): number[][];
		applyPalette(rgba: Uint8Array, palette: Palette, format: 'rgb565'): Uint8Array;
	};
	export default gifenc;
}
