package dev.tenon.asm;

/** A condition of a jump, after a comparison of two integers. */
public enum Condition {
    /** Equal, or zero. */
    EQUAL(0x4),
    /** Not equal, or not zero. */
    NOT_EQUAL(0x5),
    /** Less, signed. */
    LESS(0xC),
    /** Greater or equal, signed. */
    GREATER_EQUAL(0xD),
    /** Less or equal, signed. */
    LESS_EQUAL(0xE),
    /** Greater, signed. */
    GREATER(0xF);

    private final int code;

    Condition(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
