/**
 * What can go wrong between a model file and an answer. Every error says what happened, with the
 * offending value, and what to do about it.
 */
export type LlamaErrorCode =
  | 'GGUF_NOT_GGUF'
  | 'GGUF_UNSUPPORTED_VERSION'
  | 'GGUF_TRUNCATED'
  | 'GGUF_MALFORMED'
  | 'GGUF_UNSUPPORTED_TYPE'
  | 'SAFETENSORS_MALFORMED'
  | 'SAFETENSORS_UNSUPPORTED_TYPE'
  | 'CONVERT_UNKNOWN_MODEL'
  | 'CONVERT_BAD_OPTION'
  | 'MODEL_UNSUPPORTED_ARCHITECTURE'
  | 'MODEL_UNSUPPORTED_SHAPE'
  | 'MODEL_UNSUPPORTED_TOKENIZER'
  | 'MODEL_UNSUPPORTED_ROPE'
  | 'MODEL_MISSING_KEY'
  | 'MODEL_MISSING_TENSOR'
  | 'MODEL_TOO_LARGE'
  | 'MODEL_NOT_FINITE'
  | 'MODEL_NOT_FOUND'
  | 'MODEL_BAD_PATH'
  | 'MODEL_NOT_LOADED'
  | 'ENGINE_NOT_BUILT'
  | 'SESSION_PROMPT_TOO_LONG'
  | 'SESSION_NO_PROMPT'
  | 'SESSION_BAD_PROMPT'
  | 'SESSION_BAD_OPTION'
  | 'SESSION_BAD_STATE';

const HINTS: Record<LlamaErrorCode, string> = {
  GGUF_NOT_GGUF: 'Give a GGUF model file; it starts with the bytes "GGUF".',
  GGUF_UNSUPPORTED_VERSION: 'Convert the model to GGUF version 2 or 3, little-endian.',
  GGUF_TRUNCATED: 'The file is not whole: download or copy it again.',
  GGUF_MALFORMED: 'The file is damaged or was written by a broken tool: make it again.',
  GGUF_UNSUPPORTED_TYPE: 'Quantize the model to Q8_0 or Q4_0, or keep it in F16 or F32.',
  SAFETENSORS_MALFORMED: 'The file is damaged or no safetensors file: save or download it again.',
  SAFETENSORS_UNSUPPORTED_TYPE: 'Save the weights as floats of 16, 32 or 64 bits.',
  CONVERT_UNKNOWN_MODEL: 'Convert a model of linear layers; others need a converter of their own.',
  CONVERT_BAD_OPTION: 'See the option named in the message.',
  MODEL_UNSUPPORTED_ARCHITECTURE: 'Use a model of the llama or mlp architecture.',
  MODEL_UNSUPPORTED_SHAPE: 'Use a model whose sizes the engine can lay out in whole blocks.',
  MODEL_UNSUPPORTED_TOKENIZER: 'Use a model with a SentencePiece (llama) vocabulary.',
  MODEL_UNSUPPORTED_ROPE: 'Use a model with plain rotary positions, without scaling.',
  MODEL_MISSING_KEY: 'The file lacks what such a model must say: convert the model again.',
  MODEL_MISSING_TENSOR: 'The file lacks weights: convert the model again.',
  MODEL_TOO_LARGE: 'Use a smaller model, a smaller quantization or a shorter context.',
  MODEL_NOT_FINITE: 'The weights overflow: use another quantization of the model.',
  MODEL_NOT_FOUND: 'Store the model file as a data item first and load it as "/data/<id>".',
  MODEL_BAD_PATH: 'Write "/data/" and the id of the data item that holds the model file.',
  MODEL_NOT_LOADED: 'Call load("/data/<id>") first.',
  ENGINE_NOT_BUILT: 'Run `npm run build` once.',
  SESSION_PROMPT_TOO_LONG: 'Shorten the prompt, or load the model with a longer context.',
  SESSION_BAD_PROMPT: 'Give the input vector as hexadecimal digits, two for each value.',
  SESSION_NO_PROMPT: 'Call setPrompt with some text first.',
  SESSION_BAD_OPTION: 'See the option named in the message.',
  SESSION_BAD_STATE: 'Restore only what save() returned, into a session of the same model.',
};

/** An error of the llama folder; `details` holds the offending values by name. */
export class LlamaError extends Error {
  readonly code: LlamaErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly hint: string;

  constructor(
    code: LlamaErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${message} ${HINTS[code]}`);
    this.name = 'LlamaError';
    this.code = code;
    this.details = details;
    this.hint = HINTS[code];
  }
}
