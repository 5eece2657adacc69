"""Writes a decoder as GGUF (version 3, float32) and as a folder of safetensors."""

import json
import pathlib
import struct

import numpy as np

ALIGNMENT = 32
PARTS = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
WHOLE = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}


def padded(data):
    return data + b"\0" * (-len(data) % ALIGNMENT)


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def typed(value):
    """The type and the bytes of a value of the metadata."""
    if isinstance(value, bool):
        return 7, struct.pack("<?", value)
    if isinstance(value, int):
        return 4, struct.pack("<I", value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    if isinstance(value, str):
        return 8, text(value)
    if isinstance(value, np.ndarray):
        return 9, struct.pack("<IQ", {"<f4": 6, "<i4": 5}[value.dtype.str], value.size) + value.tobytes()
    return 9, struct.pack("<IQ", 8, len(value)) + b"".join(map(text, value))


def gguf_name(name):
    stem, kind = name.rsplit(".", 1)
    if stem in WHOLE:
        return f"{WHOLE[stem]}.{kind}"
    _, _, layer, part = stem.split(".", 3)
    return f"blk.{layer}.{PARTS[part]}.{kind}"


def neighbours(matrix, heads):
    """The rows of each head in the order in which neighbours make a pair, as GGUF has them for llama."""
    rows, columns = matrix.shape
    return matrix.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def gguf(path, config, vocabulary, weights):
    a = config["model_type"]
    size = config["hidden_size"] // config["num_attention_heads"]
    metadata = {
        "general.architecture": a,
        "general.name": f"{a} trained on texts of Debian",
        "general.file_type": 0,
        "general.quantization_version": 2,
        f"{a}.context_length": config["max_position_embeddings"],
        f"{a}.embedding_length": config["hidden_size"],
        f"{a}.block_count": config["num_hidden_layers"],
        f"{a}.feed_forward_length": config["intermediate_size"],
        f"{a}.attention.head_count": config["num_attention_heads"],
        f"{a}.attention.head_count_kv": config["num_key_value_heads"],
        f"{a}.attention.layer_norm_rms_epsilon": config["rms_norm_eps"],
        f"{a}.rope.freq_base": config["rope_theta"],
        f"{a}.rope.dimension_count": size,
        f"{a}.vocab_size": config["vocab_size"],
        **vocabulary.gguf(),
    }
    tensors = {}
    for name, w in weights.items():
        if a == "llama" and "q_proj" in name:
            w = neighbours(w, config["num_attention_heads"])
        if a == "llama" and "k_proj" in name:
            w = neighbours(w, config["num_key_value_heads"])
        tensors[gguf_name(name)] = np.ascontiguousarray(w, "<f4")
    head = bytearray(struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(metadata)))
    for key, value in metadata.items():
        kind, data = typed(value)
        head += text(key) + struct.pack("<I", kind) + data
    offset = 0
    for name, w in tensors.items():
        head += text(name) + struct.pack(f"<I{w.ndim}QIQ", w.ndim, *w.shape[::-1], 0, offset)
        offset += len(padded(w.tobytes()))
    pathlib.Path(path).write_bytes(padded(bytes(head)) + b"".join(padded(w.tobytes()) for w in tensors.values()))


def folder(path, config, vocabulary, weights):
    path = pathlib.Path(path)
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text(json.dumps(config, indent=1))
    (path / "tokenizer.json").write_text(json.dumps(vocabulary.json()))
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, w in weights.items():
        header[name] = {"dtype": "F32", "shape": list(w.shape), "data_offsets": [offset, offset + w.nbytes]}
        offset += w.nbytes
    data = json.dumps(header).encode()
    data += b" " * (-len(data) % 8)
    with open(path / "model.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(data)) + data)
        for w in weights.values():
            f.write(np.ascontiguousarray(w, "<f4").tobytes())
