package dev.tenon.formats.json;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A cursor over a tree of objects, arrays, texts, numbers, truth values and nulls. It stands at one value at a time, which
 * must be read or skipped exactly once:
 *
 * <pre>{@code
 * in.beginObject();
 * for (String name = in.nextName(); name != null; name = in.nextName()) {
 *     switch (name) {
 *         case "count" -> count = in.integer(0, 100);
 *         case "weights" -> weights = in.floats();
 *         default -> in.skip();
 *     }
 * }
 * }</pre>
 *
 * <p>The bytes are untrusted. Whatever is wrong with them ends in a {@link MalformedModelException} that names the file and
 * the place, or in a {@link ResourceLimitException}. Values that are read count for the {@link WorkBudget} of the thread.
 * Confined to one thread.
 */
public abstract class DataReader {
    /** The kinds of values. */
    public enum Kind {
        /** Names with values. */
        OBJECT,
        /** Values in order. */
        ARRAY,
        /** A text. */
        TEXT,
        /** A number. */
        NUMBER,
        /** True or false. */
        TRUTH,
        /** No value. */
        NULL
    }

    private static final int FIRST_LENGTH = 16;
    private static final int SHOWN_CHARS = 60;

    private final String file;
    private final Limits limits;
    private long records;

    /**
     * A cursor.
     *
     * @param file the name of the file, for messages
     * @param limits the limits that hold
     */
    protected DataReader(String file, Limits limits) {
        this.file = file;
        this.limits = limits;
    }

    /**
     * The name of the file.
     *
     * @return the name that messages give
     */
    public final String file() {
        return file;
    }

    /**
     * The limits that hold.
     *
     * @return the limits
     */
    public final Limits limits() {
        return limits;
    }

    /**
     * The kind of the value at which the cursor stands.
     *
     * @return its kind
     */
    public abstract Kind kind();

    /** Enters the object at which the cursor stands. */
    public abstract void beginObject();

    /**
     * Goes to the next value of an object, or leaves the object.
     *
     * @return the name of the value; null at the end of the object
     */
    public abstract String nextName();

    /** Enters the array at which the cursor stands. */
    public abstract void beginArray();

    /**
     * Goes to the next value of an array, or leaves the array.
     *
     * @return false at the end of the array
     */
    public abstract boolean nextElement();

    /**
     * Reads a text, without regard to {@link Limits#maxRecords}.
     *
     * @return the text
     */
    protected abstract String readText();

    /**
     * Reads a number.
     *
     * @return the nearest float; NaN and infinities where the notation has them
     */
    public abstract float float32();

    /**
     * Reads a number.
     *
     * @return the nearest double; NaN and infinities where the notation has them
     */
    public abstract double float64();

    /**
     * Reads a whole number.
     *
     * @return its value
     */
    public abstract long integer();

    /**
     * Reads a truth value.
     *
     * @return its value
     */
    public abstract boolean truth();

    /** Passes over the value at which the cursor stands, and all that is in it. */
    public abstract void skip();

    /**
     * The place of the cursor.
     *
     * @return such as {@code at byte 100}
     */
    protected abstract String place();

    /**
     * Reads a text.
     *
     * @return the text
     */
    public final String text() {
        countRecord();
        return readText();
    }

    /** Counts something that takes heap beyond its bytes, such as a text or an object of a list. */
    public final void countRecord() {
        WorkBudget.spend(1);
        if (++records > limits.maxRecords()) {
            throw new ResourceLimitException(
                    file + " " + place(),
                    "more than " + limits.maxRecords() + " records",
                    null,
                    "raise Limits.maxRecords if the source is trusted");
        }
    }

    /**
     * Reads a whole number between bounds.
     *
     * @param least the least value that is allowed
     * @param most the largest value that is allowed
     * @return the number
     */
    public final int integer(int least, int most) {
        long value = integer();
        if (value < least || value > most) {
            throw malformed("the number " + value, least + " to " + most);
        }
        return (int) value;
    }

    /**
     * Reads a text, or a number or truth value as a text.
     *
     * @return the text
     */
    public final String scalar() {
        return switch (kind()) {
            case TEXT -> text();
            case NUMBER -> {
                countRecord();
                double value = float64();
                yield value == Math.rint(value) && Math.abs(value) < 1L << 53
                        ? Long.toString((long) value)
                        : Double.toString(value);
            }
            case TRUTH -> Boolean.toString(truth());
            default -> throw unexpected("a text or number");
        };
    }

    /**
     * Reads an array of numbers.
     *
     * @return the numbers, each the nearest float
     */
    public float[] floats() {
        float[] all = new float[FIRST_LENGTH];
        int count = 0;
        beginArray();
        while (nextElement()) {
            if (count == all.length) {
                all = Arrays.copyOf(all, longer(count));
            }
            all[count++] = float32();
        }
        return Arrays.copyOf(all, count);
    }

    /**
     * Reads an array of numbers.
     *
     * @return the numbers, each the nearest double
     */
    public final double[] doubles() {
        double[] all = new double[FIRST_LENGTH];
        int count = 0;
        beginArray();
        while (nextElement()) {
            if (count == all.length) {
                all = Arrays.copyOf(all, longer(count));
            }
            all[count++] = float64();
        }
        return Arrays.copyOf(all, count);
    }

    /**
     * Reads an array of whole numbers of 32 bits. Truth values count as 0 and 1.
     *
     * @return the numbers
     */
    public int[] integers() {
        int[] all = new int[FIRST_LENGTH];
        int count = 0;
        beginArray();
        while (nextElement()) {
            if (count == all.length) {
                all = Arrays.copyOf(all, longer(count));
            }
            all[count++] = kind() == Kind.TRUTH ? truth() ? 1 : 0 : integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        return Arrays.copyOf(all, count);
    }

    /**
     * Reads an array of whole numbers from 0 to 255. Truth values count as 0 and 1.
     *
     * @return the numbers, without a sign
     */
    public byte[] bytes() {
        byte[] all = new byte[FIRST_LENGTH];
        int count = 0;
        beginArray();
        while (nextElement()) {
            if (count == all.length) {
                all = Arrays.copyOf(all, longer(count));
            }
            all[count++] = (byte) (kind() == Kind.TRUTH ? truth() ? 1 : 0 : integer(0, 0xFF));
        }
        return Arrays.copyOf(all, count);
    }

    /**
     * Reads an array of texts.
     *
     * @return the texts
     */
    public final List<String> texts() {
        List<String> all = new ArrayList<>();
        beginArray();
        while (nextElement()) {
            all.add(text());
        }
        return all;
    }

    private int longer(int count) {
        if (count > Integer.MAX_VALUE / 2) {
            throw malformed("an array of more than " + count + " numbers", "at most 2^30 numbers");
        }
        return 2 * count;
    }

    /**
     * A value of a kind that does not fit.
     *
     * @param allowed the kinds that do
     * @return the exception to throw
     */
    public final MalformedModelException unexpected(String allowed) {
        return malformed("a value of kind " + kind(), allowed);
    }

    /**
     * Something that does not fit at the place of the cursor.
     *
     * @param found the value found
     * @param allowed the values that are allowed
     * @return the exception to throw
     */
    public final MalformedModelException malformed(String found, String allowed) {
        return new MalformedModelException(
                file + " " + place(), found, allowed, "check that the file is complete, or save the model again");
    }

    /**
     * The start of a text, for messages.
     *
     * @param text a text
     * @return the text in quotes, cut if it is long
     */
    public static String shown(String text) {
        return '\'' + (text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "...") + '\'';
    }
}
