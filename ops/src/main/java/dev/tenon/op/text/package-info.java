/**
 * Operators on strings, and the regular expressions that they match: {@link dev.tenon.op.text.Regex}. Java's own engine
 * goes back and recurses, so that a model could make it take exponential time or all of the stack; it is not used.
 *
 * <p>What must not live here: tokenizers, and operators on numbers. To add an operator: its record, a line in
 * {@link dev.tenon.op.text.TextOps}, its cases among the tests.
 */
package dev.tenon.op.text;
