export declare function createOutput(write: (text: string) => void, coloured: boolean): (line: string) => void
