package dev.tenon.samples.text;

import java.util.Arrays;

/** UTF-16 text in an array that grows. For one thread at a time. */
final class Chars {
    private char[] array;
    private int length;

    Chars(int capacity) {
        array = new char[Math.max(capacity, 16)];
    }

    /** The array that holds the text in its first {@link #length()} elements, until the next append. */
    char[] array() {
        return array;
    }

    int length() {
        return length;
    }

    void append(char c) {
        if (length == array.length) {
            array = Arrays.copyOf(array, array.length * 2);
        }
        array[length++] = c;
    }

    void appendCodePoint(int c) {
        if (Character.isBmpCodePoint(c)) {
            append((char) c);
        } else {
            append(Character.highSurrogate(c));
            append(Character.lowSurrogate(c));
        }
    }

    @Override
    public String toString() {
        return new String(array, 0, length);
    }
}
