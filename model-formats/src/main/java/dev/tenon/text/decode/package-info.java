/**
 * Decoders: how text is made of tokens.
 *
 * <p>Must not live here: the reading of files. A new decoder is a method of {@link dev.tenon.text.decode.Decoders} and a
 * line in {@code DecoderReader}.
 */
package dev.tenon.text.decode;
