/**
 * The WordPiece tokenizer of BERT models, which reads a Hugging Face {@code tokenizer.json}, and a plain-text table of
 * sentence similarities.
 *
 * <p>Must not live here: code that runs a model.
 *
 * <p>To add another tokenizer (byte pairs, unigrams): write a class like
 * {@link dev.tenon.samples.text.WordPieceTokenizer} with the same methods {@code load}, {@code encode} and
 * {@code encodeBatch}, which returns {@link dev.tenon.samples.text.Encoding} and {@link dev.tenon.samples.text.Batch},
 * and test it against another implementation that reads the same file.
 *
 * <p>Unicode: token ids are part of a model, so they must not change with the JDK.
 * <ul>
 * <li>Character classes are the fixed sets of the reference implementation (Hugging Face {@code tokenizers}), which
 *     uses the categories of Unicode 8.
 * <li>Canonical decompositions are those of Unicode 9: those of the JDK without the additions of later versions.
 * <li>Lower case is the simple mapping of the JDK, which equals that of the reference implementation for Unicode 16.
 * </ul>
 * A test compares all of them for each code point, so that it detects a JDK that differs.
 */
package dev.tenon.samples.text;
