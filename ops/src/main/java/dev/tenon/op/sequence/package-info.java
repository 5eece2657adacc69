/**
 * Operators that make, take apart and ask sequences and optionals. Elements are shared, never copied.
 *
 * <p>What must not live here: operators that run a body on elements, which hold graphs. To add an operator: its record, a
 * line in {@link dev.tenon.op.sequence.SequenceOps}, its cases among the tests.
 */
package dev.tenon.op.sequence;
