/**
 * Regular expressions of tokenizer files, which find matches in arrays of code points.
 *
 * <p>Why not {@code java.util.regex}: it recurses for each repetition of a group, so that a long text overflows the stack,
 * and nothing bounds its time. Why not {@link dev.tenon.op.text.Regex}: it has the syntax of RE2, tells only
 * whether a whole text matches, and has no looks at characters, which the expressions of GPT-2 and its successors need. Both read
 * classes of characters by {@link dev.tenon.op.text.regex.ClassParser}.
 *
 * <p>Must not live here: what is done with matches. A new construct is a {@link dev.tenon.text.regex.RegexNode}, its syntax in
 * the parser, and its instruction in {@code Instructions} and {@code Matcher}.
 */
package dev.tenon.text.regex;
