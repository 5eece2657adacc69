/**
 * Properties of characters as tokenizers see them. Token ids are part of a model, so they must not change with the JDK.
 *
 * <ul>
 * <li>Character classes of BERT are the fixed sets of the reference implementation (Hugging Face {@code tokenizers}),
 *     which uses the categories of Unicode 8.
 * <li>Decompositions, compositions, combining classes and marks are those of Unicode 9: those of the JDK without the
 *     additions of later versions.
 * <li>Lower case, numbers, white space and the classes of regular expressions are those of the JDK, which equal those of
 *     the reference implementation for Unicode 16.
 * </ul>
 * A test compares all of them for each code point, so that it detects a JDK that differs.
 *
 * <p>Must not live here: anything that knows tokens. A new class of characters is a method of
 * {@link dev.tenon.text.unicode.CharacterClasses}.
 */
package dev.tenon.text.unicode;
