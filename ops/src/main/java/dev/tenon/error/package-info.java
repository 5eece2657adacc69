/**
 * The exceptions of the library: {@link dev.tenon.error.TenonException} and its kinds. Each names the thing that was wrong,
 * the value that was found, the values that are allowed, and the cure.
 *
 * <p>Exceptions about graphs and model files extend the same class and live with the code that throws them.
 *
 * <p>Must not live here: anything that computes. To add a kind: a final class that extends {@link
 * dev.tenon.error.TenonException} and whose name says what was wrong.
 */
package dev.tenon.error;
