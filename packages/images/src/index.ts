export { type Recipe, type Target, writeImage, type WrittenImage } from './image.ts'
export { type Entry, type Layer, type StoredLayer, tarOf } from './layer.ts'
