/**
 * Rules that replace loops by LSTM, GRU and RNN. {@code RecurrentLoop} proves that a loop goes through a sequence, and
 * {@code RecurrentCell} that its body is a step of a cell.
 *
 * <p>To add a cell, add a kind to {@code RecurrentCell} and a rule to {@code RecurrentRules}. See also {@link
 * dev.tenon.graph.rules}.
 */
package dev.tenon.graph.rules.recurrent;
