/**
 * Pre-tokenizers: how a text is cut into pieces, which no token crosses.
 *
 * <p>Must not live here: the reading of files, and regular expressions, which are in {@code dev.tenon.text.regex}. A new
 * pre-tokenizer is a method of {@link dev.tenon.text.split.Splits} and a line in {@code PreTokenizerReader}.
 */
package dev.tenon.text.split;
