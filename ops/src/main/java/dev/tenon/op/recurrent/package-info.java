/**
 * Operators that run along a sequence and carry a state: RNN, LSTM, GRU, one record each, listed in
 * {@link dev.tenon.op.recurrent.RecurrentOps}. What they share is {@link dev.tenon.op.recurrent.Recurrence}:
 * directions, layout, lengths of sequences, activations, and the loops over steps.
 *
 * <p>What must not live here: kernels, graphs, older forms of an operator. To add an operator: its record with its
 * cell, its line in {@code RecurrentOps}, its cases.
 */
package dev.tenon.op.recurrent;
