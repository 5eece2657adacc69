/**
 * Text as inputs of models: {@link dev.tenon.text.Tokenizer} reads a {@code tokenizer.json} and turns text into token ids,
 * with offsets, and back.
 *
 * <p>It is in this module because a tokenizer file belongs to a model as its weights do, and because the parser of JSON for
 * untrusted files is here. Whoever depends on {@code inference-core} has it.
 *
 * <p>The packages below are not exported: {@code stage} has the stages and what goes between them, {@code normalize},
 * {@code split}, {@code model}, {@code post} and {@code decode} have the stages of each kind, {@code unicode} and
 * {@code regex} the tools, {@code file} the reader. Must not live here: code that runs a model. A new stage belongs to the
 * package of its kind; a new kind of setting is a method of {@link dev.tenon.text.TokenizerOptions}.
 */
package dev.tenon.text;
