import { directions, type Faces, type Size } from "./faces.ts";
import type { Camera, Vector } from "./camera.ts";

const vertexShader = `#version 300 es
precision highp float;
uniform mat4 camera;
uniform vec3 direction;
uniform vec3 eye;
uniform float diagonal;
uniform highp usampler2D faces;
uniform sampler2D colours;
out vec4 shade;
const int corners[6] = int[6](0, 1, 2, 2, 1, 3);
void main() {
  int number = gl_VertexID / 6;
  uvec4 face = texelFetch(faces, ivec2(number & 2047, number >> 11), 0);
  // The corners of the side that looks in this direction, as two triangles.
  int cornerNumber = corners[gl_VertexID % 6];
  vec2 corner = vec2(cornerNumber & 1, cornerNumber >> 1);
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

/** Faces in a row of their texture; the shader knows it as a shift of 11. */
const facesInRow = 2048;

/**
 * Draws faces with WebGL2, all of a direction in one call. Each vertex looks its face up in a texture: as instances of one
 * square they took six times as long where a processor draws.
 */
export class VoxelRenderer {
  readonly #gl: WebGL2RenderingContext;
  readonly #faces: WebGLProgram;
  readonly #lines: WebGLProgram;
  readonly #faceTexture: WebGLTexture;
  readonly #colourTexture: WebGLTexture;
  readonly #lineBuffer: WebGLBuffer;
  #counts: readonly number[] = [];

  /** @returns `undefined` where there is no WebGL2 */
  static on(canvas: HTMLCanvasElement): VoxelRenderer | undefined {
    const gl = canvas.getContext("webgl2", {
      antialias: !isDrawnInSoftware(),
      alpha: false,
      preserveDrawingBuffer: true,
    });
    return gl === null ? undefined : new VoxelRenderer(gl);
  }

  private constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#faces = programOf(gl, vertexShader, fragmentShader);
    this.#lines = programOf(gl, lineVertexShader, lineFragmentShader);
    this.#lineBuffer = gl.createBuffer();
    this.#faceTexture = textureOf(gl, 0);
    this.#colourTexture = textureOf(gl, 1);
    gl.useProgram(this.#faces);
    gl.uniform1i(gl.getUniformLocation(this.#faces, "faces"), 0);
    gl.uniform1i(gl.getUniformLocation(this.#faces, "colours"), 1);
    gl.enable(gl.DEPTH_TEST);
  }

  /** @param colours packed, one for each index that faces have */
  load({ data, counts }: Faces, colours: Uint32Array): void {
    const gl = this.#gl;
    const rows = Math.max(1, Math.ceil(data.length / 4 / facesInRow));
    const padded = new Uint16Array(4 * facesInRow * rows);
    padded.set(data);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#faceTexture);
    gl.texImage2D(
      gl.TEXTURE_2D,
      0,
      gl.RGBA16UI,
      facesInRow,
      rows,
      0,
      gl.RGBA_INTEGER,
      gl.UNSIGNED_SHORT,
      padded,
    );
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.#colourTexture);
    const bytes = new Uint8Array(colours.buffer, colours.byteOffset, colours.byteLength);
    const width = colours.length;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
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
    gl.disableVertexAttribArray(0);
    const direction = gl.getUniformLocation(this.#faces, "direction");
    let start = 0;
    directions.forEach((towards, group) => {
      const count = this.#counts[group] ?? 0;
      const axis = towards.findIndex((part) => part !== 0);
      // Faces that look away from the eye are not drawn at all.
      const isSeen = towards[axis]! > 0 ? eye[axis]! > 0 : eye[axis]! < size[axis]!;
      if (isSeen && count > 0) {
        gl.uniform3f(direction, ...towards);
        gl.drawArrays(gl.TRIANGLES, 6 * start, 6 * count);
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
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
    gl.drawArrays(gl.LINES, 0, edges.length / 3);
  }
}

/** A texture whose numbers are read as they are. */
function textureOf(gl: WebGL2RenderingContext, unit: number): WebGLTexture {
  const texture = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  return texture;
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

function programOf(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
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
  gl.bindAttribLocation(program, 0, "place");
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) === true) return program;
  throw new Error(`the shaders do not link: ${gl.getProgramInfoLog(program)}`);
}

/** Without a graphics card smooth edges cost four times the time. */
function isDrawnInSoftware(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2");
  const info = gl?.getExtension("WEBGL_debug_renderer_info");
  if (gl === null || info === null || info === undefined) return false;
  const name: unknown = gl.getParameter(info.UNMASKED_RENDERER_WEBGL);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return typeof name === "string" && /SwiftShader|llvmpipe|Software/i.test(name);
}
