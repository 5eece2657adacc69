/**
 * Operators on strings, and the regular expressions that they match: {@link dev.tenon.op.text.Regex}. Java's own engine
 * is not used. It backtracks and recurses, so that a model could make it take exponential time or all of the stack.
 *
 * <p>Tokenizers and operators on numbers do not belong here. To add an operator, write its record, its line in
 * {@code TextOperators} ({@code dev.tenon.op.catalog}) and a class of test cases.
 */
package dev.tenon.op.text;
