/**
 * Text from decoder models: the words that a caller uses. How a token is chosen is {@link dev.tenon.generation.Sampling}.
 *
 * <p>The rooms below this package are not exported: {@code cache} holds keys and values in pages, {@code sample} chooses tokens,
 * {@code schedule} runs sequences together. A word that a room takes, such as an option, sees no room: packages have no cycles.
 */
package dev.tenon.generation;
