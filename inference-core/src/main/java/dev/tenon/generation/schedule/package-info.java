/**
 * Sequences that run together, and the text that comes of them. Not exported.
 *
 * <p>Must not live here: how a token is chosen ({@code sample}), and who holds which page ({@code cache}).
 */
package dev.tenon.generation.schedule;
