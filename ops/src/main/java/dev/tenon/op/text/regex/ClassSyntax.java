package dev.tenon.op.text.regex;

import java.util.List;

/**
 * The classes of characters that a syntax of regular expressions has, and the sets that it makes of them.
 *
 * @param <S> the type of a set of characters
 */
public interface ClassSyntax<S> {
    /**
     * The set of characters that are written one by one.
     *
     * @param characters the characters
     * @return the set
     */
    S of(CodePoints characters);

    /**
     * The characters that are not in a set.
     *
     * @param set the set
     * @return the others
     */
    S not(S set);

    /**
     * The characters that are in at least one set.
     *
     * @param sets the sets, at least one
     * @return their union
     */
    S union(List<S> sets);

    /**
     * The characters that are in both of two sets. Only a syntax that {@link #nests} asks for it.
     *
     * @param a a set
     * @param b a set
     * @return their intersection
     */
    S intersection(S a, S b);

    /**
     * The class of a letter after a backslash.
     *
     * @param letter the letter in lower case, or another character
     * @param inBrackets whether it is an item of a class in brackets
     * @return the class; null if there is none
     */
    S letter(int letter, boolean inBrackets);

    /**
     * The class of a name in <code>\p{…}</code>.
     *
     * @param name the name
     * @return the class; null if there is none
     */
    S property(String name);

    /**
     * The class of a name in {@code [:…:]}.
     *
     * @param name the name
     * @return the class; null if there is none
     */
    S posix(String name);

    /**
     * Whether a name of one letter may stand after {@code \p} without braces.
     *
     * @return true if it may
     */
    boolean hasBareProperties();

    /**
     * Whether classes in brackets may hold others, and intersections by {@code &&}.
     *
     * @return true if they may
     */
    boolean nests();

    /**
     * The most different classes within brackets of an expression.
     *
     * @return the limit
     */
    int maxParts();

    /**
     * Reads the character that stands after a backslash.
     *
     * @param in the text, after the backslash
     * @param place the place of the backslash
     * @return the character
     */
    int escape(RegexText in, int place);
}
