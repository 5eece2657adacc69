package dev.tenon.formats.lightgbm;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.SegmentInputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The lines of a text file, one after the other, and the numbers in them. They count for the {@link WorkBudget}. */
final class TextLines {
    private static final int BUFFER = 1 << 16;
    private static final int SHOWN_CHARS = 40;

    private final String file;
    private final Limits limits;
    private final SegmentInputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int end;
    private byte[] line = new byte[BUFFER];
    private int length;
    private long number;

    TextLines(String file, MemorySegment bytes, Limits limits) {
        this.file = file;
        this.limits = limits;
        this.in = new SegmentInputStream(file, bytes);
    }

    /** Goes to the next line. False at the end of the file. */
    boolean next() {
        length = 0;
        number++;
        boolean any = false;
        while (true) {
            if (position == end) {
                end = in.read(buffer);
                position = 0;
                if (end < 0) {
                    end = 0;
                    return any;
                }
            }
            any = true;
            byte b = buffer[position++];
            if (b == '\n') {
                return true;
            }
            if (b != '\r') {
                append(b);
            }
        }
    }

    private void append(byte b) {
        if (length == limits.maxStringBytes() || length == Integer.MAX_VALUE / 2) {
            throw new ResourceLimitException(
                    thing(),
                    "more than " + length + " bytes in a line",
                    null,
                    "raise Limits.maxStringBytes if the source is trusted");
        }
        if (length == line.length) {
            line = Arrays.copyOf(line, 2 * length);
        }
        line[length++] = b;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /** The name before the first equal sign; the whole line if there is none. */
    String key() {
        return new String(line, 0, keyLength(), StandardCharsets.UTF_8);
    }

    private int keyLength() {
        int i = 0;
        while (i < length && line[i] != '=') {
            i++;
        }
        return i;
    }

    /** The text after the first equal sign. */
    String value() {
        int start = Math.min(length, keyLength() + 1);
        return new String(line, start, length - start, StandardCharsets.UTF_8);
    }

    /** The whole line. */
    String text() {
        return new String(line, 0, length, StandardCharsets.UTF_8);
    }

    /** The numbers after the equal sign, between spaces. */
    double[] doubles() {
        double[] all = new double[count()];
        Words words = new Words();
        for (int i = 0; i < all.length; i++) {
            String word = words.next();
            all[i] = parse(word);
        }
        return all;
    }

    /** The whole numbers after the equal sign, between spaces. */
    long[] integers() {
        long[] all = new long[count()];
        Words words = new Words();
        for (int i = 0; i < all.length; i++) {
            String word = words.next();
            try {
                all[i] = Long.parseLong(word);
            } catch (NumberFormatException e) {
                throw malformed("the number '" + shown(word) + "'", "whole numbers");
            }
        }
        return all;
    }

    private double parse(String word) {
        return switch (word) {
            case "inf" -> {
                yield Double.POSITIVE_INFINITY;
            }
            case "-inf" -> {
                yield Double.NEGATIVE_INFINITY;
            }
            case "nan", "-nan" -> {
                yield Double.NaN;
            }
            default -> {
                // Java reads more than numbers, such as 1d and 0x1p3.
                char last = word.charAt(word.length() - 1);
                try {
                    if (last >= '0' && last <= '9' || last == '.') {
                        yield Double.parseDouble(word);
                    }
                } catch (NumberFormatException e) {
                    throw malformed("the number '" + shown(word) + "'", "numbers");
                }
                throw malformed("the number '" + shown(word) + "'", "numbers");
            }
        };
    }

    private static String shown(String word) {
        return word.length() <= SHOWN_CHARS ? word : word.substring(0, SHOWN_CHARS) + "...";
    }

    private int count() {
        int count = 0;
        boolean inWord = false;
        for (int i = keyLength() + 1; i < length; i++) {
            boolean space = line[i] == ' ';
            count += !space && !inWord ? 1 : 0;
            inWord = !space;
        }
        return count;
    }

    /** Walks through the words of the value. */
    private final class Words {
        private int at = keyLength() + 1;

        String next() {
            WorkBudget.spend(1);
            while (line[at] == ' ') {
                at++;
            }
            int start = at;
            while (at < length && line[at] != ' ') {
                at++;
            }
            return new String(line, start, at - start, StandardCharsets.ISO_8859_1);
        }
    }

    private String thing() {
        return file + " at line " + number;
    }

    MalformedModelException malformed(String found, String allowed) {
        return new MalformedModelException(
                thing(), found, allowed, "check that the file is complete, or save the model again");
    }
}
