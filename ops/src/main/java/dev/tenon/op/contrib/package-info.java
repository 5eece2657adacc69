/**
 * Operators of the domain {@code com.microsoft} that are no compositions of operators of the standard. One record each,
 * listed in {@link dev.tenon.op.contrib.ContribOps}. Where the domain's documentation leaves rounding open, integers come
 * out as the runtime that defines the domain rounds them.
 *
 * <p>What must not live here: kernels, graphs, operators that the standard's own can express (the reader lowers those).
 * To add an operator: its record, its line in {@code ContribOps}, its cases.
 */
package dev.tenon.op.contrib;
