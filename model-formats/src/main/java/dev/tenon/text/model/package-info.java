/**
 * Models: how a piece of text is spelled with the tokens of a vocabulary. Also the tokens that are found in a text before it
 * is cut into pieces.
 *
 * <p>No model takes quadratic time for a long piece, but for the length of its longest token. Must not live here: the
 * reading of files. A new model implements {@link dev.tenon.text.stage.TokenModel}, and {@code ModelReader} reads it.
 */
package dev.tenon.text.model;
