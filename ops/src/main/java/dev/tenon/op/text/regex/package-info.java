/**
 * The parts that readers of regular expressions share: the text that is read, sets of code points, and classes of characters.
 * {@link dev.tenon.op.text.Regex} reads the syntax of RE2; tokenizers read that of Oniguruma, in {@code dev.tenon.text.regex} of
 * another module. The places where their classes differ are methods of {@link dev.tenon.op.text.regex.ClassSyntax}.
 *
 * <p>Groups, repetitions and matching do not belong here: each engine has its own.
 */
package dev.tenon.op.text.regex;
