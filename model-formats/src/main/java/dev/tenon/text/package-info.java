/**
 * Text as inputs of models: {@link dev.tenon.text.Tokenizer} reads a {@code tokenizer.json}, or the tokenizer in a GGUF file,
 * and turns text into token ids, with offsets, and back; {@link dev.tenon.text.DecodeStream} makes text of ids that come one by one.
 *
 * <p>It is in this module because a tokenizer file belongs to a model as its weights do, and because the parsers of
 * untrusted files are here. Whoever depends on {@code inference-core} has it.
 *
 * <p>The packages below are not exported: {@code stage} has the stages and what goes between them, {@code normalize},
 * {@code split}, {@code model}, {@code post} and {@code decode} have the stages of each kind, {@code unicode} and
 * {@code regex} the tools, {@code file} the readers. Must not live here: code that runs a model. A new stage belongs to the
 * package of its kind; a new kind of setting is a method of {@link dev.tenon.text.TokenizerOptions}.
 */
package dev.tenon.text;
