package dev.tenon.text.model;

/** Lengths in UTF-8. */
final class Utf8Length {
    private Utf8Length() {}

    /** The number of bytes of a code point. */
    static int length(int c) {
        return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
}
