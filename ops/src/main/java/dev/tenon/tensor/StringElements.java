package dev.tenon.tensor;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkMeter;
import dev.tenon.error.InvalidTensorException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;

/** String elements of a tensor as exact bytes: those of an array, from a first one on. Several tensors may share an array. */
final class StringElements {
    /** The memory of a reference to a string, on heaps of up to 32 GiB. */
    private static final int REFERENCE_BYTES = 4;

    private final byte[][] all;
    private final int first;

    /** The strings of an array, none null, from one on. */
    private StringElements(byte[][] all, int first) {
        this.all = all;
        this.first = first;
    }

    /** Empty strings. */
    static StringElements empty(long size, Supplier<String> what) {
        count(size > Long.MAX_VALUE / REFERENCE_BYTES ? Long.MAX_VALUE : REFERENCE_BYTES * size);
        byte[][] all = Storage.array(size, REFERENCE_BYTES, n -> new byte[(int) n][], what);
        Arrays.fill(all, new byte[0]);
        return new StringElements(all, 0);
    }

    /** Counts the memory of strings that are new, if the calling thread counts what it makes. */
    static void count(long bytes) {
        WorkMeter meter = WorkBudget.currentMeter();
        if (meter != null) {
            meter.objects(bytes);
        }
    }

    /** Strings in UTF-8; null stays null. */
    static byte[][] encode(String[] values) {
        byte[][] bytes = new byte[values.length][];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = values[i] == null ? null : values[i].getBytes(StandardCharsets.UTF_8);
        }
        return bytes;
    }

    /** A copy of bytes; null stays null. */
    static byte[][] copy(byte[][] values) {
        byte[][] bytes = new byte[values.length][];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = values[i] == null ? null : values[i].clone();
        }
        return bytes;
    }

    /** Takes bytes over, none of which may be null. */
    static StringElements of(byte[][] bytes, String tensor) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == null) {
                throw new InvalidTensorException(tensor, "element " + i + " is null", "strings", "use an empty string");
            }
            count((long) REFERENCE_BYTES + bytes[i].length);
        }
        return new StringElements(bytes, 0);
    }

    /** The bytes of an element, shared. */
    byte[] get(long i) {
        return all[first + (int) i];
    }

    void set(long i, byte[] value) {
        all[first + (int) i] = value;
    }

    /** The elements from one on, shared. */
    StringElements from(long i) {
        return new StringElements(all, first + (int) i);
    }

    /** The sum of the lengths of the first elements. */
    long byteSize(long size) {
        long sum = 0;
        for (int i = 0; i < size; i++) {
            sum += all[first + i].length;
        }
        return sum;
    }

    /** Copies the first elements to the start of others. */
    void copyTo(StringElements target, long size) {
        System.arraycopy(all, first, target.all, target.first, (int) size);
    }

    /** Whether the first elements are those of others. */
    boolean startsLike(StringElements other, long size) {
        return Arrays.equals(
                all, first, first + (int) size, other.all, other.first, other.first + (int) size, Arrays::compare);
    }
}
