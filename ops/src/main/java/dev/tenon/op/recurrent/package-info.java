/**
 * Operators that run along a sequence and carry a state: RNN, LSTM, GRU. Each is one record.
 * {@link dev.tenon.op.recurrent.RecurrentAttributes} has the attributes that they share, and the package-private
 * {@code Recurrence} the loops over directions, sequences and steps.
 *
 * <p>Kernels, graphs and older forms of an operator do not belong here. To add an operator, write its record with its
 * cell, its line in {@code RecurrentOperators} ({@code dev.tenon.op.catalog}) and a class of test cases.
 */
package dev.tenon.op.recurrent;
