/**
Stands for Yoga in the built program. Nothing is laid out there: Ink keeps the terminal and its keys, and the painter draws the
lines (source/ui/painter.ts). Yoga itself is WebAssembly that takes 20 MB and a good part of the time to the first frame.
*/
const nothing = () => 0;
const node = new Proxy({}, {get: () => nothing});

export default {Node: {create: () => node}};
