/**
 * The API of Tenon: load a {@link dev.tenon.Model} and predict, or make a {@link dev.tenon.Session} with options and
 * predict with it.
 *
 * <p>Read {@link dev.tenon.Model#load(java.nio.file.Path)} first, then {@link dev.tenon.Session#predict(java.util.Map)}: the
 * first leads to {@code dev.tenon.formats}, the second to {@code dev.tenon.exec} and from there to {@code dev.tenon.plan}.
 *
 * <p>A method that may have no result returns an {@link java.util.Optional}. A list with an element for each operand of
 * an operator has null for operands that are left out. Options are immutable, and their setters return new options.
 *
 * <p>No argument may be null: a {@link java.lang.NullPointerException} names the parameter. A null within an argument, such as a
 * value of a map of inputs, a row of a table or a text of a list, is a {@link dev.tenon.error.TenonException} that says
 * where it is.
 * A time that is longer than the clock can count is as good as no limit.
 *
 * <p>Must not live here: types that a user does not need. To add an option: a setter of
 * {@link dev.tenon.SessionOptions}, {@link dev.tenon.LoadOptions} or {@link dev.tenon.SaveOptions}.
 */
package dev.tenon;
