/**
 * Operators of signal processing: Fourier transforms, windows, the mel scale. One record each, listed in
 * {@link dev.tenon.op.signal.SignalOps}; the transform itself is {@link dev.tenon.op.signal.FourierTransform}.
 *
 * <p>What must not live here: kernels, graphs, older forms of an operator. To add an operator: its record, its line in
 * {@code SignalOps}, its cases.
 */
package dev.tenon.op.signal;
