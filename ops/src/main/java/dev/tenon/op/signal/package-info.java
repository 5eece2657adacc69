/**
 * Operators of signal processing: Fourier transforms, windows, the mel scale. Each is one record.
 *
 * <p>Kernels, graphs and older forms of an operator do not belong here. To add an operator, write its record, its line
 * in {@code SignalOperators} ({@code dev.tenon.op.catalog}) and a class of test cases.
 */
package dev.tenon.op.signal;
