package dev.tenon.testkit;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Random;
import java.util.random.RandomGenerator;

/** Short functions for operands in cases. */
public final class Literals {
    private static final double WIDTH = 2.5;

    private Literals() {}

    /**
     * Dimensions.
     *
     * @param dims the dimensions, none for a scalar
     * @return the same
     */
    public static long[] dims(long... dims) {
        return dims;
    }

    /**
     * A float32 tensor.
     *
     * @param dims its dimensions
     * @param values its elements
     * @return the tensor
     */
    public static Tensor f32(long[] dims, float... values) {
        return Tensor.of(values, dims);
    }

    /**
     * A float32 tensor from text.
     *
     * @param dims its dimensions
     * @param values its elements, separated by white space: decimal numbers, NaN, Infinity
     * @return the tensor
     */
    public static Tensor f32(long[] dims, String values) {
        String[] words = words(values);
        float[] numbers = new float[words.length];
        for (int i = 0; i < words.length; i++) {
            numbers[i] = Float.parseFloat(words[i]);
        }
        return Tensor.of(numbers, dims);
    }

    /**
     * An int64 tensor.
     *
     * @param dims its dimensions
     * @param values its elements
     * @return the tensor
     */
    public static Tensor i64(long[] dims, long... values) {
        return Tensor.of(values, dims);
    }

    /**
     * An int64 tensor from text.
     *
     * @param dims its dimensions
     * @param values its elements, separated by white space
     * @return the tensor
     */
    public static Tensor i64(long[] dims, String values) {
        return Tensor.of(integers(values), dims);
    }

    /**
     * A vector of int64, such as a list of axes.
     *
     * @param values its elements
     * @return the tensor
     */
    public static Tensor axes(long... values) {
        return Tensor.of(values);
    }

    /**
     * A tensor of any real type.
     *
     * @param dtype its element type
     * @param dims its dimensions
     * @param values its elements, converted as {@link Tensor#setDouble} does
     * @return the tensor
     */
    public static Tensor reals(DType dtype, long[] dims, double... values) {
        return Tensor.convert(dtype, values, dims);
    }

    /**
     * A tensor of any real type from text.
     *
     * @param dtype its element type
     * @param dims its dimensions
     * @param values its elements, separated by white space, converted as {@link Tensor#setDouble} does
     * @return the tensor
     */
    public static Tensor reals(DType dtype, long[] dims, String values) {
        return Tensor.convert(
                dtype,
                Arrays.stream(words(values)).mapToDouble(Double::parseDouble).toArray(),
                dims);
    }

    /**
     * A tensor of an integer type.
     *
     * @param dtype its element type
     * @param dims its dimensions
     * @param values its elements, converted as {@link Tensor#setLong} does
     * @return the tensor
     */
    public static Tensor ints(DType dtype, long[] dims, long... values) {
        return Tensor.convert(dtype, values, dims);
    }

    /**
     * A tensor of an integer type from text.
     *
     * @param dtype its element type
     * @param dims its dimensions
     * @param values its elements, separated by white space, converted as {@link Tensor#setLong} does
     * @return the tensor
     */
    public static Tensor ints(DType dtype, long[] dims, String values) {
        return Tensor.convert(dtype, integers(values), dims);
    }

    private static long[] integers(String values) {
        return Arrays.stream(words(values)).mapToLong(Long::parseLong).toArray();
    }

    private static String[] words(String values) {
        return values.strip().split("\\s+");
    }

    /**
     * Random numbers, the same at every call: normally distributed for floats, over the whole range for integers.
     *
     * @param dtype the element type, a real one
     * @param seed the seed
     * @param dims the dimensions
     * @return the tensor
     */
    public static Tensor random(DType dtype, long seed, long... dims) {
        Tensor t = Tensor.allocate(dtype, dims);
        Random random = new Random(seed);
        for (long i = 0; i < t.size(); i++) {
            if (dtype.isFloating()) {
                t.setDouble(i, random.nextGaussian() * WIDTH);
            } else {
                t.setLong(i, random.nextLong());
            }
        }
        return t;
    }

    /**
     * Normally distributed float32 numbers with a mean of 0 and a deviation of 1.
     *
     * @param random draws them
     * @param dims the dimensions
     * @return the tensor
     */
    public static Tensor normal(Random random, long... dims) {
        return normalAround(random, 0, dims);
    }

    /**
     * Normally distributed float32 numbers with a deviation of 1.
     *
     * @param random draws them
     * @param mean their mean
     * @param dims the dimensions
     * @return the tensor
     */
    public static Tensor normalAround(Random random, double mean, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, mean + random.nextGaussian());
        }
        return t;
    }

    /**
     * Random numbers above 0, the same at every call.
     *
     * @param dtype the element type, a floating one
     * @param seed the seed
     * @param dims the dimensions
     * @return the tensor
     */
    public static Tensor positive(DType dtype, long seed, long... dims) {
        Tensor t = random(dtype, seed, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, Math.abs(t.getDouble(i)) + 1);
        }
        return t;
    }

    /**
     * float32 numbers at equal distances.
     *
     * @param start the first
     * @param step the distance of each from the one before
     * @param dims the dimensions
     * @return the tensor
     */
    public static Tensor linear(double start, double step, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, start + step * i);
        }
        return t;
    }

    /**
     * float32 numbers that go up and down around 0.
     *
     * @param period how many different ones there are
     * @param dims the dimensions
     * @return the tensor
     */
    public static Tensor steps(int period, long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, (i * 7 + 3) % period - period / 2.0);
        }
        return t;
    }

    /**
     * Normally distributed numbers.
     *
     * @param random where they come from
     * @param deviation their standard deviation
     * @param dtype a real type
     * @param dims the dimensions
     * @return the tensor
     */
    public static Tensor normal(RandomGenerator random, double deviation, DType dtype, long... dims) {
        Tensor t = Tensor.allocate(dtype, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, deviation * random.nextGaussian());
        }
        return t;
    }

    /**
     * Integers of the whole range of a type.
     *
     * @param random where they come from
     * @param dtype an integer type of fewer than 64 bits
     * @param dims the dimensions
     * @return the tensor
     */
    public static Tensor anyIntegers(RandomGenerator random, DType dtype, long... dims) {
        Tensor t = Tensor.allocate(dtype, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, random.nextLong(dtype.minInteger(), dtype.maxInteger() + 1));
        }
        return t;
    }
}
