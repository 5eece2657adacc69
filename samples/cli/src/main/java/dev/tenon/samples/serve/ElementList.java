package dev.tenon.samples.serve;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The elements of a tensor in JSON, flat or nested, before its type is known. Whole numbers stay exact. For one thread.
 */
final class ElementList {
    private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

    /** Whole numbers as such, others as the bits of a double. */
    private long[] numbers = new long[16];

    /** The numbers that are not whole. */
    private final BitSet fractional = new BitSet();

    /** The whole numbers from 2<sup>63</sup> on, of which the lower 64 bits are kept. */
    private final BitSet beyond = new BitSet();

    private int count;
    private boolean logical;
    private final List<String> strings = new ArrayList<>();

    /** Reads an array; the parser is at its start, and at its end afterwards. */
    void read(String input, JsonParser json) {
        int depth = 1;
        while (depth > 0) {
            JsonToken token = json.nextToken();
            switch (token) {
                case START_ARRAY -> depth++;
                case END_ARRAY -> depth--;
                case VALUE_NUMBER_INT -> addWhole(input, json);
                case VALUE_NUMBER_FLOAT -> addFraction(json.getDoubleValue());
                case VALUE_TRUE, VALUE_FALSE -> {
                    logical = true;
                    add(token == JsonToken.VALUE_TRUE ? 1 : 0);
                }
                case VALUE_STRING -> strings.add(json.getString());
                default ->
                    throw RequestException.bad("input '" + input + "': data holds " + token
                            + "; allowed are numbers, true, false, strings and arrays of them");
            }
        }
    }

    private void addWhole(String input, JsonParser json) {
        if (json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            add(json.getLongValue());
            return;
        }
        BigInteger value = json.getBigIntegerValue();
        if (value.signum() < 0 || value.compareTo(TWO_64) >= 0) {
            throw RequestException.bad("input '" + input + "': element " + count + " is out of the range of 64 bits");
        }
        beyond.set(count);
        add(value.longValue());
    }

    private void addFraction(double value) {
        fractional.set(count);
        add(Double.doubleToRawLongBits(value));
    }

    private void add(long bits) {
        if (count == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * count);
        }
        numbers[count++] = bits;
    }

    /** Makes the tensor. */
    Tensor tensor(String input, DataType type, long[] dims, long elements) {
        long found = strings.isEmpty() ? count : strings.size();
        if (!strings.isEmpty() && (count > 0 || type != DataType.BYTES)) {
            throw RequestException.bad("input '" + input + "': data holds strings; datatype " + type + " takes "
                    + (type == DataType.BYTES ? "strings alone" : "none"));
        }
        if (found != elements) {
            throw RequestException.bad("input '" + input + "': data has " + found + " elements; shape "
                    + Arrays.toString(dims) + " needs " + elements);
        }
        if (type == DataType.BYTES) {
            if (count > 0) {
                throw RequestException.bad("input '" + input + "': datatype BYTES takes strings");
            }
            return Tensor.of(strings.toArray(String[]::new), dims);
        }
        if (logical && type != DataType.BOOL) {
            throw RequestException.bad(
                    "input '" + input + "': data holds true or false; datatype " + type + " takes numbers");
        }
        Tensor tensor = Tensor.allocate(type.dtype(), dims);
        for (int i = 0; i < count; i++) {
            set(input, tensor, i);
        }
        return tensor;
    }

    private void set(String input, Tensor tensor, int i) {
        DType dtype = tensor.dtype();
        boolean whole = !fractional.get(i);
        double real = value(i);
        if (dtype.isFloating()) {
            tensor.setDouble(i, real);
            return;
        }
        if (!whole || !fits(dtype, numbers[i], beyond.get(i))) {
            String text = beyond.get(i) ? Long.toUnsignedString(numbers[i]) : String.valueOf(numbers[i]);
            throw RequestException.bad("input '" + input + "': element " + i + " is " + (whole ? text : real)
                    + ", which datatype " + DataType.of(dtype) + " does not have");
        }
        if (dtype == DType.BOOL) {
            tensor.setBoolean(i, numbers[i] != 0);
        } else if (dtype.isUnsigned()) {
            tensor.setUnsigned(i, numbers[i]);
        } else {
            tensor.setLong(i, numbers[i]);
        }
    }

    private double value(int i) {
        if (fractional.get(i)) {
            return Double.longBitsToDouble(numbers[i]);
        }
        return beyond.get(i) ? new BigInteger(Long.toUnsignedString(numbers[i])).doubleValue() : numbers[i];
    }

    private static boolean fits(DType dtype, long value, boolean beyond) {
        int bits = dtype.bits();
        if (dtype == DType.BOOL) {
            return !beyond && (value == 0 || value == 1);
        }
        if (dtype.isUnsigned()) {
            return bits == 64 ? beyond || value >= 0 : !beyond && value >= 0 && value < 1L << bits;
        }
        return !beyond && (bits == 64 || value >= -1L << bits - 1 && value < 1L << bits - 1);
    }
}
