package dev.tenon.formats.lightgbm;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.SegmentInputStream;
import dev.tenon.formats.json.DecimalText;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The lines of a text file, one after the other, and the numbers in them. They count for the {@link WorkBudget}. */
final class TextLines {
    private static final int BUFFER = 1 << 16;
    private static final int SHOWN_CHARS = 40;
    private static final int COUNTED_TOGETHER = 64;

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
            int stop = position;
            while (stop < end && buffer[stop] != '\n' && buffer[stop] != '\r') {
                stop++;
            }
            append(stop - position);
            position = stop;
            if (stop < end && buffer[position++] == '\n') {
                return true;
            }
        }
    }

    /** Appends bytes of the buffer to the line. */
    private void append(int count) {
        long most = Math.min(limits.maxStringBytes(), Integer.MAX_VALUE / 2);
        if (count > most - length) {
            throw new ResourceLimitException(
                    thing(),
                    "more than " + most + " bytes in a line",
                    null,
                    "raise Limits.maxStringBytes if the source is trusted");
        }
        if (count > line.length - length) {
            line = Arrays.copyOf(line, Math.max(2 * line.length, length + count));
        }
        System.arraycopy(buffer, position, line, length, count);
        length += count;
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
            words.next();
            spend(i);
            all[i] = parse(words.text());
        }
        return all;
    }

    /** The whole numbers after the equal sign, between spaces. */
    long[] integers() {
        long[] all = new long[count()];
        Words words = new Words();
        for (int i = 0; i < all.length; i++) {
            words.next();
            spend(i);
            all[i] = words.integer();
        }
        return all;
    }

    /** The only whole number after the equal sign, from 0 to a greatest one. */
    int integer(int most) {
        long[] all = integers();
        if (all.length != 1 || all[0] < 0 || all[0] > most) {
            throw malformed(
                    "'" + key() + "' of " + Arrays.toString(Arrays.copyOf(all, Math.min(all.length, 2))),
                    "0 to " + most);
        }
        return (int) all[0];
    }

    /** Counts a number, together with those that follow it in a portion. */
    private static void spend(int number) {
        if (number % COUNTED_TOGETHER == 0) {
            WorkBudget.spend(COUNTED_TOGETHER);
        }
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
                        yield DecimalText.float64(word);
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
        private static final int FEW_DIGITS = 18;

        private int start;
        private int at = keyLength() + 1;

        /** Goes to the next word, which must be there. */
        void next() {
            while (line[at] == ' ') {
                at++;
            }
            start = at;
            while (at < length && line[at] != ' ') {
                at++;
            }
        }

        String text() {
            return new String(line, start, at - start, StandardCharsets.ISO_8859_1);
        }

        /** The word as a whole number. */
        long integer() {
            int digit = line[start] == '-' ? start + 1 : start;
            if (digit == at || at - digit > FEW_DIGITS) {
                return integerOfText();
            }
            long value = 0;
            for (int i = digit; i < at; i++) {
                if (line[i] < '0' || line[i] > '9') {
                    return integerOfText();
                }
                value = 10 * value + line[i] - '0';
            }
            return digit == start ? value : -value;
        }

        private long integerOfText() {
            try {
                return Long.parseLong(text());
            } catch (NumberFormatException e) {
                throw malformed("the number '" + shown(text()) + "'", "whole numbers");
            }
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
