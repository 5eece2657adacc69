/**
 * Text on its way into a model and similarities on their way out: the WordPiece tokenizer of BERT models, read from a
 * Hugging Face {@code tokenizer.json}, and a plain-text table of sentence similarities.
 *
 * <p>What does not belong here: anything that runs a model. Another tokenizer model (byte pairs, unigrams) gets a class
 * beside {@link dev.tenon.samples.text.WordPieceTokenizer} with the same {@code load}, {@code encode} and
 * {@code encodeBatch}, shares {@link dev.tenon.samples.text.Encoding} and {@link dev.tenon.samples.text.Batch}, and is
 * tested against a second implementation of the same file.
 *
 * <p>Unicode: token ids are part of a model, so they must not move with the JDK. The character classes of the BERT
 * normalizer are therefore fixed sets, those of the reference implementation (Hugging Face {@code tokenizers}, whose
 * categories are Unicode 8's); canonical decompositions are Unicode 9's, taken from the JDK less what later versions
 * added; lower case is the JDK's simple mapping, which is equal to the reference's for Unicode 16. A test compares all
 * of them code point by code point, and so notices a JDK that differs.
 */
package dev.tenon.samples.text;
