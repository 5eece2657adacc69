/**
 * Operators that make, read and change sequences and optionals. Elements are shared, never copied.
 *
 * <p>Operators that run a body on elements hold graphs and do not belong here. To add an operator, write its record, its
 * line in {@code SequenceOperators} ({@code dev.tenon.op.catalog}) and a class of test cases.
 */
package dev.tenon.op.sequence;
