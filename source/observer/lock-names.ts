import type {WordWait} from '../locks/lock-facts.js';
import {lockName} from '../locks/lock-name.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {Place, Places} from '../symbols/places.js';
import type {AddressSpaces} from './address-spaces.js';

/** What places in a process's memory are called. */
export type LockNames = {
	/** The program or library whose variable an address is; undefined on heaps and stacks. */
	placeOf(process: ProcessEntry, address: number): Place | undefined;
	/** As far as evidence goes; undefined until its symbol was looked for, in the background. */
	nameOf(process: ProcessEntry, address: number): string | undefined;
	/** Without reading any symbols. */
	roughNameOf(process: ProcessEntry, address: number): string;
	/** Symbol that an address lies in, where that has been read already. */
	symbolKnown(process: ProcessEntry, address: number): string | undefined;
	/** `device:inode+offset` of a word that processes share; undefined for others. */
	sharedId(process: ProcessEntry, wait: WordWait | undefined): string | undefined;
};

export const createLockNames = (spaces: AddressSpaces, places: Places): LockNames => {
	const placeOf = (process: ProcessEntry, address: number): Place | undefined => {
		const space = spaces.of(process);
		const mapping = space.mappingOf(address);
		return mapping && places.of(process.pid, space.mappings() ?? [], mapping);
	};

	const roughName = (process: ProcessEntry, address: number, place: Place | undefined): string => {
		const space = spaces.of(process);
		const region = space.regionOf(address);
		const regionStart = space.mappingOf(address)?.start;
		return lockName({
			address,
			...(place && {file: place.file.name, fileAddress: address - place.bias}),
			...(region !== undefined && {region}),
			...(regionStart !== undefined && {regionStart}),
		});
	};

	return {
		placeOf,
		roughNameOf: (process, address) => roughName(process, address, placeOf(process, address)),
		nameOf(process, address) {
			const place = placeOf(process, address);
			if (!place) {
				return roughName(process, address, undefined);
			}

			const {file, bias, mapping} = place;
			const at = address - bias;
			const symbol = file.symbolAt(at);
			if (symbol === undefined) {
				file.ask({pid: process.pid, mapping}, at);
				return undefined;
			}

			return symbol
				? lockName({
						address,
						file: file.name,
						symbol: {name: symbol.readable, offset: at - symbol.start},
					})
				: roughName(process, address, place);
		},
		symbolKnown(process, address) {
			const place = placeOf(process, address);
			return place?.file.symbolAt(address - place.bias)?.name;
		},
		sharedId(process, wait) {
			const mapping =
				wait && !wait.isPrivate ? spaces.of(process).mappingOf(wait.address) : undefined;
			if (!wait || !mapping || mapping.permissions[3] !== 's') {
				return undefined;
			}

			const key = wait.address - (wait.address % 8);
			const offset = mapping.offset + key - mapping.start;
			return `${mapping.device}:${mapping.inode}+0x${offset.toString(16)}`;
		},
	};
};
