/**
 * Operators on strings.
 *
 * <p>What must not live here: tokenizers, and operators on numbers. To add an operator: its record, a line in
 * {@link dev.tenon.op.text.TextOps}, its cases among the tests.
 */
package dev.tenon.op.text;
