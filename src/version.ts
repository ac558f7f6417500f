// The version people see. package.json carries the same; a test holds them together.
export const VERSION = '0.1.0'
