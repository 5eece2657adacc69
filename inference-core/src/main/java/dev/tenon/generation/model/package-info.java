/**
 * Models that write: {@link dev.tenon.generation.model.LanguageModel} joins a decoder with its tokenizer, and
 * {@link dev.tenon.generation.model.TextGenerator} runs requests on it, many at a time.
 *
 * <p>Must not live here: words that a room takes, which are in {@code dev.tenon.generation}, and how sequences run together, which is in
 * {@code dev.tenon.generation.schedule}.
 */
package dev.tenon.generation.model;
