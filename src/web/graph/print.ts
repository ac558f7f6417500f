// A print of the drawing, wider than the screen: while a hand moves a large picture the print is moved, and the picture
// itself is drawn again when the hand rests.
import type { Size } from '../ui/room.ts'
import type { Camera } from './camera.ts'
import { draw, type Scene } from './draw.ts'

/** The same on every machine: without a graphics card, drawing by the processor is the faster way. */
export const BY_PROCESSOR: CanvasRenderingContext2DSettings = { willReadFrequently: true }

/** So much of the screen lies beyond each of its edges. */
const MARGIN = 0.25

export class Print {
  readonly #canvas = document.createElement('canvas')
  #camera: Camera = { x: 0, y: 0, scale: 1 }
  #size: Size = { width: 1, height: 1 }

  make(scene: Scene): void {
    const { width, height } = scene.size
    this.#size = { width: Math.round(width * (1 + 2 * MARGIN)), height: Math.round(height * (1 + 2 * MARGIN)) }
    this.#camera = scene.camera
    this.#canvas.width = Math.round(this.#size.width * devicePixelRatio)
    this.#canvas.height = Math.round(this.#size.height * devicePixelRatio)
    const pen = this.#canvas.getContext('2d', BY_PROCESSOR)
    if (pen === null) return
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0)
    draw(pen, { ...scene, size: this.#size })
  }

  /** Lays the print where a camera has it. */
  show(pen: CanvasRenderingContext2D, camera: Camera, { width, height }: Size): void {
    const larger = camera.scale / this.#camera.scale
    const [across, down] = [this.#size.width * larger, this.#size.height * larger]
    const x = (this.#camera.x - camera.x) * camera.scale + width / 2 - across / 2
    const y = (this.#camera.y - camera.y) * camera.scale + height / 2 - down / 2
    pen.clearRect(0, 0, width, height)
    pen.drawImage(this.#canvas, x, y, across, down)
  }
}
