"""Trains two small decoders on texts of Debian's packages, for tests and measurements that random weights can't serve.

    apt-get install python3-torch python3-sentencepiece python3-regex python3-onnx
    python3 benchmarks/decoders/train.py [FOLDER [STEPS]]

FOLDER is target/models/decoders if it is not given. It gets a folder for each decoder:

    model.gguf                         float32
    folder/                            config.json, model.safetensors, tokenizer.json
    onnx/model.onnx                    with past, exported by PyTorch
    tokens.npy                         tokens that training did not see, int64 [samples, tokens]
    held-out.txt                       the text that they are from
    logits.npy                         the logits of the first sample by PyTorch, float32 [tokens, vocabulary]

"bytes" is a qwen2 with widths that are multiples of 256 and a byte-level vocabulary, "pieces" a llama with widths that are odd
multiples of 32 and a vocabulary of SentencePiece. Seeds are fixed. The texts are those of the packages that are installed.
It runs on one thread: about a second a step.
"""

import glob
import math
import pathlib
import sys

import files
import numpy as np
import torch
import vocabulary
from torch import nn
from torch.nn import functional as F

CONTEXT, BATCH, LENGTH, SAMPLES = 512, 8, 128, 16
MOST_CHARACTERS = 1_000_000
SHARED = {"rms_norm_eps": 1e-6, "max_position_embeddings": CONTEXT, "rope_scaling": None, "hidden_act": "silu"}
DECODERS = {
    "bytes": (
        vocabulary.Bytes,
        {
            "architectures": ["Qwen2ForCausalLM"],
            "model_type": "qwen2",
            "hidden_size": 256,
            "intermediate_size": 768,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "vocab_size": 2048,
            "rope_theta": 1e6,
            "tie_word_embeddings": True,
            **SHARED,
        },
    ),
    "pieces": (
        vocabulary.Pieces,
        {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_size": 288,
            "intermediate_size": 672,
            "num_hidden_layers": 4,
            "num_attention_heads": 6,
            "num_key_value_heads": 2,
            "vocab_size": 2048,
            "rope_theta": 1e4,
            "tie_word_embeddings": False,
            **SHARED,
        },
    ),
}


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.keys = c["num_attention_heads"], c["num_key_value_heads"]
        self.size = c["hidden_size"] // self.heads
        bias = c["model_type"] == "qwen2"
        self.q_proj = nn.Linear(c["hidden_size"], self.heads * self.size, bias)
        self.k_proj = nn.Linear(c["hidden_size"], self.keys * self.size, bias)
        self.v_proj = nn.Linear(c["hidden_size"], self.keys * self.size, bias)
        self.o_proj = nn.Linear(self.heads * self.size, c["hidden_size"], False)
        frequencies = c["rope_theta"] ** (-torch.arange(0, self.size, 2) / self.size)
        self.register_buffer("frequencies", frequencies, persistent=False)

    def turned(self, x, positions):
        angles = positions[:, None, :, None] * self.frequencies
        cos, sin = angles.cos(), angles.sin()
        a, b = x[..., : self.size // 2], x[..., self.size // 2 :]
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    def forward(self, x, mask, positions, past):
        b, t, _ = x.shape
        q = self.turned(self.q_proj(x).view(b, t, self.heads, self.size).transpose(1, 2), positions)
        k = self.turned(self.k_proj(x).view(b, t, self.keys, self.size).transpose(1, 2), positions)
        v = self.v_proj(x).view(b, t, self.keys, self.size).transpose(1, 2)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        groups = self.heads // self.keys
        scores = q @ k.repeat_interleave(groups, 1).transpose(2, 3) / math.sqrt(self.size) + mask
        y = torch.softmax(scores, -1) @ v.repeat_interleave(groups, 1)
        return self.o_proj(y.transpose(1, 2).reshape(b, t, -1)), (k, v)


class Norm(nn.Module):
    def __init__(self, size, epsilon):
        super().__init__()
        self.weight, self.epsilon = nn.Parameter(torch.ones(size)), epsilon

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon))


class FeedForward(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate_proj = nn.Linear(c["hidden_size"], c["intermediate_size"], False)
        self.up_proj = nn.Linear(c["hidden_size"], c["intermediate_size"], False)
        self.down_proj = nn.Linear(c["intermediate_size"], c["hidden_size"], False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self_attn, self.mlp = Attention(c), FeedForward(c)
        self.input_layernorm = Norm(c["hidden_size"], c["rms_norm_eps"])
        self.post_attention_layernorm = Norm(c["hidden_size"], c["rms_norm_eps"])

    def forward(self, x, mask, positions, past):
        y, present = self.self_attn(self.input_layernorm(x), mask, positions, past)
        x = x + y
        return x + self.mlp(self.post_attention_layernorm(x)), present


class Body(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed_tokens = nn.Embedding(c["vocab_size"], c["hidden_size"])
        self.layers = nn.ModuleList(Layer(c) for _ in range(c["num_hidden_layers"]))
        self.norm = Norm(c["hidden_size"], c["rms_norm_eps"])


class Decoder(nn.Module):
    """With the names of Hugging Face's transformers, so that its state is what a folder of safetensors has."""

    def __init__(self, c):
        super().__init__()
        self.model = Body(c)
        self.tied = c["tie_word_embeddings"]
        if not self.tied:
            self.lm_head = nn.Linear(c["hidden_size"], c["vocab_size"], False)
        for p in self.parameters():
            if p.ndim == 2:
                nn.init.normal_(p, std=0.02)

    def forward(self, ids, attended, positions, *past):
        queries, keys = ids.shape[1], attended.shape[1]
        query = torch.arange(queries)[:, None] + (keys - queries)
        visible = (torch.arange(keys)[None, :] <= query)[None, None] & (attended[:, None, None, :] > 0)
        mask = torch.where(visible, 0.0, -1e9)
        x, presents = self.model.embed_tokens(ids), []
        for i, layer in enumerate(self.model.layers):
            x, present = layer(x, mask, positions, past[2 * i : 2 * i + 2] if past else None)
            presents += present
        x = self.model.norm(x)
        logits = F.linear(x, self.model.embed_tokens.weight) if self.tied else self.lm_head(x)
        return logits, *presents


def plain(decoder, ids):
    positions = torch.arange(ids.shape[1]).expand_as(ids)
    return decoder(ids, torch.ones_like(ids), positions)[0]


def texts():
    """Paragraphs of copyright files and licences, each once: those to train on, and each sixteenth block of 64 for tests."""
    seen, blocks, size = set(), [[]], 0
    names = sorted(glob.glob("/usr/share/common-licenses/*") + glob.glob("/usr/share/doc/*/copyright"))
    for name in names:
        for paragraph in pathlib.Path(name).read_text("utf-8", "replace").split("\n\n"):
            paragraph = paragraph.strip("\n")
            if len(paragraph) < 80 or paragraph in seen or size > MOST_CHARACTERS:
                continue
            seen.add(paragraph)
            size += len(paragraph)
            if len(blocks[-1]) == 64:
                blocks.append([])
            blocks[-1].append(paragraph)
    joined = ["\n\n".join(b) + "\n\n" for b in blocks]
    return "".join(b for i, b in enumerate(joined) if i % 16), "".join(joined[::16])


def trained(config, tokens, steps):
    torch.manual_seed(47)
    decoder = Decoder(config)
    optimizer = torch.optim.AdamW(decoder.parameters(), 2e-3, betas=(0.9, 0.95), weight_decay=0.1)
    random = np.random.default_rng(47)
    for step in range(steps):
        starts = random.integers(0, len(tokens) - LENGTH - 1, BATCH)
        batch = torch.from_numpy(np.stack([tokens[s : s + LENGTH + 1] for s in starts]))
        loss = F.cross_entropy(plain(decoder, batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * min(1, (step + 1) / 20) * (0.05 + 0.95 * (1 + math.cos(math.pi * step / steps)) / 2)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimizer.step()
        if step % 50 == 49:
            print(f"  step {step + 1}: loss {loss.item():.3f}", flush=True)
    return decoder.eval()


def export(path, config, decoder):
    layers, keys = config["num_hidden_layers"], config["num_key_value_heads"]
    size = config["hidden_size"] // config["num_attention_heads"]
    past = [torch.zeros(1, keys, 3, size) for _ in range(2 * layers)]
    ids = torch.ones(1, 2, dtype=torch.int64)
    parts = [f"{i}.{part}" for i in range(layers) for part in ("key", "value")]
    axes = {
        "input_ids": {0: "batch_size", 1: "sequence_length"},
        "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
        "position_ids": {0: "batch_size", 1: "sequence_length"},
        "logits": {0: "batch_size", 1: "sequence_length"},
        **{f"past_key_values.{p}": {0: "batch_size", 2: "past_sequence_length"} for p in parts},
        **{f"present.{p}": {0: "batch_size", 2: "total_sequence_length"} for p in parts},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        decoder,
        (ids, torch.ones(1, 5, dtype=torch.int64), torch.tensor([[3, 4]]), *past),
        path,
        input_names=["input_ids", "attention_mask", "position_ids", *(f"past_key_values.{p}" for p in parts)],
        output_names=["logits", *(f"present.{p}" for p in parts)],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )


def main(target="target/models/decoders", steps="400"):
    torch.set_num_threads(1)
    text, held_out = texts()
    for name, (make, config) in DECODERS.items():
        print(name, f"{len(text):,} characters", flush=True)
        words = make(text, config["vocab_size"])
        assert len(words.tokens) == config["vocab_size"], len(words.tokens)
        decoder = trained(config, np.array(words.encode(text)), int(steps))
        ids = np.array(words.encode(held_out)[: SAMPLES * LENGTH])
        samples = torch.from_numpy(ids[: len(ids) // LENGTH * LENGTH].reshape(-1, LENGTH))
        with torch.no_grad():
            logits = plain(decoder, samples)
            loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), samples[:, 1:].flatten())
            print(f"  perplexity of {samples.numel():,} tokens that training did not see: {loss.exp().item():.4f}")
            folder = pathlib.Path(target, name)
            folder.mkdir(parents=True, exist_ok=True)
            weights = {k: v.numpy() for k, v in decoder.state_dict().items()}
            files.gguf(folder / "model.gguf", config, words, weights)
            files.folder(folder / "folder", config, words, weights)
            export(folder / "onnx" / "model.onnx", config, decoder)
        np.save(folder / "tokens.npy", samples.numpy())
        np.save(folder / "logits.npy", logits[0].numpy())
        (folder / "held-out.txt").write_text(held_out)


if __name__ == "__main__":
    main(*sys.argv[1:])
