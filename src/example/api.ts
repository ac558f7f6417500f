// What others may ask of the example.
export { exampleRecords } from './collection.ts'
