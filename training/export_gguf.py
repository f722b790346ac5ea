"""Writes the trained weights and the vocabulary as a GGUF file: matrices Q8_0, norms F32.

Usage: python export_gguf.py OUT ../models/corral-llama.gguf
"""

import sys
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType

import tokenizer
from model import Config, list_shapes

NAME = "corral-llama-5m"
ABOUT = "A very small llama that answers short questions about AO, Arweave, llamas and life, and tells jokes."
BLOCK = 32
CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}\n{% endfor %}"
    "<|assistant|>\n"
)


def quantise(weights):
    """Q8_0: per block of 32 values one half-precision scale, then 32 signed bytes."""
    blocks = weights.astype(np.float32).reshape(-1, BLOCK)
    scale = np.abs(blocks).max(axis=1, keepdims=True) / 127
    inverse = np.divide(1, scale, out=np.zeros_like(scale), where=scale > 0)
    ratio = blocks * inverse
    numbers = np.copysign(np.floor(np.abs(ratio) + 0.5), ratio).astype(np.int8)
    packed = np.concatenate([scale.astype(np.float16).view(np.uint8), numbers.view(np.uint8)], axis=1)
    return packed.reshape(*weights.shape[:-1], -1)


def add_vocabulary(writer, sp):
    pieces = range(sp.vocab_size())
    kinds = [(sp.is_unknown, TokenType.UNKNOWN), (sp.is_control, TokenType.CONTROL), (sp.is_byte, TokenType.BYTE)]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([sp.id_to_piece(i).encode("utf-8") for i in pieces])
    writer.add_token_scores([sp.get_score(i) for i in pieces])
    writer.add_token_types([next((t for test, t in kinds if test(i)), TokenType.NORMAL) for i in pieces])
    writer.add_bos_token_id(tokenizer.BOS)
    writer.add_eos_token_id(tokenizer.EOS)
    writer.add_unk_token_id(tokenizer.UNK)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(True)
    writer.add_chat_template(CHAT_TEMPLATE)


def export(folder, target):
    config, weights = Config(), dict(np.load(Path(folder) / "weights.npz"))
    writer = GGUFWriter(target, "llama")
    writer.add_name(NAME)
    writer.add_author("Corral")
    writer.add_license("MIT")
    writer.add_description(ABOUT)
    writer.add_file_type(LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(2)
    writer.add_vocab_size(config.vocabulary)
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.width)
    writer.add_block_count(config.layers)
    writer.add_feed_forward_length(config.hidden)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.kv_heads)
    writer.add_layer_norm_rms_eps(config.epsilon)
    writer.add_rope_dimension_count(config.head_width)
    writer.add_rope_freq_base(config.rope_base)
    add_vocabulary(writer, tokenizer.load(folder))
    for name in list_shapes(config):
        if weights[name].ndim == 1:
            writer.add_tensor(name, weights[name].astype(np.float32))
        else:
            writer.add_tensor(name, quantise(weights[name]), raw_dtype=GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    export(sys.argv[1], sys.argv[2])
