import { directions, type Faces, type Size } from "./faces.ts";
import type { Camera, Vector } from "./camera.ts";

const vertexShader = `#version 300 es
precision highp float;
uniform mat4 camera;
uniform vec3 direction;
uniform vec3 eye;
uniform float diagonal;
in uvec4 face;
uniform sampler2D colours;
out vec4 shade;
void main() {
  // The corners of the side that looks in this direction, as a strip.
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec3 a = abs(direction);
  vec3 place = a.x > 0.5 ? vec3(max(direction.x, 0.0), corner) : a.y > 0.5
    ? vec3(corner.x, max(direction.y, 0.0), corner.y) : vec3(corner, max(direction.z, 0.0));
  vec3 at = vec3(face.xyz) + place;
  gl_Position = camera * vec4(at, 1.0);
  float light = direction.z > 0.5 ? 1.0 : direction.z < -0.5 ? 0.42 : a.x > 0.5 ? 0.74 : 0.58;
  float far = clamp((distance(eye, at) - distance(eye, vec3(diagonal * 0.28)) + diagonal * 0.5) / diagonal, 0.0, 1.0);
  vec3 colour = texelFetch(colours, ivec2(int(face.w), 0), 0).rgb;
  shade = vec4(colour * light * (1.0 - 0.45 * far), 1.0);
}`;

const fragmentShader = `#version 300 es
precision mediump float;
in vec4 shade;
out vec4 colour;
void main() { colour = shade; }`;

const lineVertexShader = `#version 300 es
uniform mat4 camera;
in vec3 place;
void main() { gl_Position = camera * vec4(place, 1.0); }`;

const lineFragmentShader = `#version 300 es
precision mediump float;
uniform vec4 tint;
out vec4 colour;
void main() { colour = tint; }`;

export interface VoxelPicture {
  readonly camera: Camera;
  readonly size: Size;
  readonly background: Vector;
  readonly line: Vector;
  /** A cell with a box around it. */
  readonly selected: Vector | undefined;
  readonly selectedColour: Vector;
}

/** Draws faces, one instance each, with WebGL2. It holds a buffer and a row of colours; nothing of it grows. */
export class VoxelRenderer {
  readonly #gl: WebGL2RenderingContext;
  readonly #faces: WebGLProgram;
  readonly #lines: WebGLProgram;
  readonly #faceBuffer: WebGLBuffer;
  readonly #lineBuffer: WebGLBuffer;
  #counts: readonly number[] = [];

  /** @returns `undefined` where there is no WebGL2 */
  static on(canvas: HTMLCanvasElement): VoxelRenderer | undefined {
    const gl = canvas.getContext("webgl2", {
      antialias: true,
      alpha: false,
      preserveDrawingBuffer: true,
    });
    return gl === null ? undefined : new VoxelRenderer(gl);
  }

  private constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#faces = programOf(gl, vertexShader, fragmentShader, "face");
    this.#lines = programOf(gl, lineVertexShader, lineFragmentShader, "place");
    this.#faceBuffer = gl.createBuffer();
    this.#lineBuffer = gl.createBuffer();
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.enable(gl.DEPTH_TEST);
  }

  /** @param colours packed, one for each index that faces have */
  load({ data, counts }: Faces, colours: Uint32Array): void {
    const gl = this.#gl;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#faceBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
    const bytes = new Uint8Array(colours.buffer, colours.byteOffset, colours.byteLength);
    gl.texImage2D(
      gl.TEXTURE_2D,
      0,
      gl.RGBA8,
      colours.length,
      1,
      0,
      gl.RGBA,
      gl.UNSIGNED_BYTE,
      bytes,
    );
    this.#counts = counts;
  }

  draw({ camera, size, background, line, selected, selectedColour }: VoxelPicture): void {
    const gl = this.#gl;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(...background, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    this.#drawFaces(camera, size);
    this.#drawBox(camera, [0, 0, 0], size, line);
    if (selected === undefined) return;
    gl.disable(gl.DEPTH_TEST);
    const [x, y, z] = selected;
    this.#drawBox(camera, [x - 0.1, y - 0.1, z - 0.1], [1.2, 1.2, 1.2], selectedColour);
    gl.enable(gl.DEPTH_TEST);
  }

  #drawFaces({ matrix, eye }: Camera, size: Size): void {
    const gl = this.#gl;
    gl.useProgram(this.#faces);
    gl.uniformMatrix4fv(gl.getUniformLocation(this.#faces, "camera"), false, matrix);
    gl.uniform3f(gl.getUniformLocation(this.#faces, "eye"), ...eye);
    gl.uniform1f(gl.getUniformLocation(this.#faces, "diagonal"), Math.hypot(...size));
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#faceBuffer);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribDivisor(0, 1);
    const direction = gl.getUniformLocation(this.#faces, "direction");
    let start = 0;
    directions.forEach((towards, group) => {
      const count = this.#counts[group] ?? 0;
      const axis = towards.findIndex((part) => part !== 0);
      // Faces that look away from the eye are not drawn at all.
      const isSeen = towards[axis]! > 0 ? eye[axis]! > 0 : eye[axis]! < size[axis]!;
      if (isSeen && count > 0) {
        gl.uniform3f(direction, ...towards);
        gl.vertexAttribIPointer(0, 4, gl.UNSIGNED_SHORT, 8, start * 8);
        gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
      }
      start += count;
    });
  }

  #drawBox({ matrix }: Camera, from: Vector, size: Vector, colour: Vector): void {
    const gl = this.#gl;
    gl.useProgram(this.#lines);
    gl.uniformMatrix4fv(gl.getUniformLocation(this.#lines, "camera"), false, matrix);
    gl.uniform4f(gl.getUniformLocation(this.#lines, "tint"), ...colour, 1);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#lineBuffer);
    const edges = boxEdges(from, size);
    gl.bufferData(gl.ARRAY_BUFFER, edges, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribDivisor(0, 0);
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
    gl.drawArrays(gl.LINES, 0, edges.length / 3);
  }
}

function boxEdges([x, y, z]: Vector, [width, height, depth]: Vector): Float32Array {
  const corner = (bits: number): number[] => [
    x + (bits & 1 ? width : 0),
    y + (bits & 2 ? height : 0),
    z + (bits & 4 ? depth : 0),
  ];
  const edges: number[] = [];
  for (let from = 0; from < 8; from++) {
    for (const bit of [1, 2, 4])
      if ((from & bit) === 0) edges.push(...corner(from), ...corner(from | bit));
  }
  return Float32Array.from(edges);
}

function programOf(
  gl: WebGL2RenderingContext,
  vertex: string,
  fragment: string,
  attribute: string,
): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.bindAttribLocation(program, 0, attribute);
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) === true) return program;
  throw new Error(`the shaders do not link: ${gl.getProgramInfoLog(program)}`);
}
