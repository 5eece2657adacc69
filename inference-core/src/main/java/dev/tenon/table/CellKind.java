package dev.tenon.table;

/** The kind of the content of a cell. */
public enum CellKind {
    /** Nothing: null, an empty field. A number that is NaN is not {@code MISSING} but goes the same way. */
    MISSING,
    /** A whole number: {@link TableRows#whole}. */
    WHOLE,
    /** A number: {@link TableRows#number}. */
    NUMBER,
    /** True or false: {@link TableRows#truth}. */
    TRUTH,
    /** A text: {@link TableRows#text}. Where a number is wanted, the text is read as one. */
    TEXT
}
