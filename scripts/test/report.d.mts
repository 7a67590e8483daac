/** Where a package leaves its report, below its own folder. */
export declare const REPORT_PATH: string
