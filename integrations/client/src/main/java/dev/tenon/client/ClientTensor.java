package dev.tenon.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Elements of one type in row-major order, with the sizes of their dimensions. Has a copy of all that it is made of, never
 * changes, and is safe for any number of threads. A tensor without dimensions has one element.
 */
public final class ClientTensor {
    private static final int MAX_RANK = 32;

    private final ElementType type;
    private final long[] shape;

    /** The elements as the protocol sends them: little-endian; a text is its length in 32 bits, and its bytes. */
    private final byte[] bytes;

    private ClientTensor(ElementType type, long[] shape, byte[] bytes) {
        this.type = type;
        this.shape = shape;
        this.bytes = bytes;
    }

    private static ClientTensor of(ElementType type, int elements, ByteBuffer filled, long[] shape) {
        long[] own = shape.clone();
        if (count(own) != elements) {
            throw ClientException.invalid(
                    "a tensor of " + type,
                    elements + " elements for shape " + Arrays.toString(own),
                    "as many as the product of the sizes",
                    "give other elements or another shape");
        }
        byte[] bytes = new byte[filled.capacity()];
        filled.clear().get(bytes);
        return new ClientTensor(type, own, bytes);
    }

    /** The elements of a shape; -1 if there is no such tensor. */
    private static long count(long[] shape) {
        if (shape.length > MAX_RANK) {
            return -1;
        }
        boolean isEmpty = false;
        for (long size : shape) {
            if (size < 0) {
                return -1;
            }
            isEmpty |= size == 0;
        }
        long elements = isEmpty ? 0 : 1;
        for (int i = 0; i < shape.length && !isEmpty; i++) {
            if (shape[i] > Integer.MAX_VALUE / elements) {
                return -1;
            }
            elements *= shape[i];
        }
        return elements;
    }

    private static ByteBuffer buffer(ElementType type, int elements) {
        long size = (long) elements * type.bytes();
        if (size > Integer.MAX_VALUE - Long.BYTES) {
            throw ClientException.invalid(
                    "a tensor of " + type, size + " bytes", "less than 2 GiB", "send fewer rows at once");
        }
        return ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * A tensor of {@link ElementType#FP32}.
     *
     * @param values its elements, also NaN and infinities
     * @param shape the sizes of its dimensions, at most 32, whose product is the number of elements
     * @return the tensor
     * @throws ClientException of {@link ClientException.Reason#INVALID} if the shape has another number of elements
     */
    public static ClientTensor ofFloats(float[] values, long... shape) {
        ByteBuffer buffer = buffer(ElementType.FP32, values.length);
        buffer.asFloatBuffer().put(values);
        return of(ElementType.FP32, values.length, buffer, shape);
    }

    /**
     * A tensor of {@link ElementType#FP64}.
     *
     * @param values its elements
     * @param shape as in {@link #ofFloats}
     * @return the tensor
     * @throws ClientException as {@link #ofFloats}
     */
    public static ClientTensor ofDoubles(double[] values, long... shape) {
        ByteBuffer buffer = buffer(ElementType.FP64, values.length);
        buffer.asDoubleBuffer().put(values);
        return of(ElementType.FP64, values.length, buffer, shape);
    }

    /**
     * A tensor of {@link ElementType#INT64}.
     *
     * @param values its elements
     * @param shape as in {@link #ofFloats}
     * @return the tensor
     * @throws ClientException as {@link #ofFloats}
     */
    public static ClientTensor ofLongs(long[] values, long... shape) {
        ByteBuffer buffer = buffer(ElementType.INT64, values.length);
        buffer.asLongBuffer().put(values);
        return of(ElementType.INT64, values.length, buffer, shape);
    }

    /**
     * A tensor of {@link ElementType#INT32}.
     *
     * @param values its elements
     * @param shape as in {@link #ofFloats}
     * @return the tensor
     * @throws ClientException as {@link #ofFloats}
     */
    public static ClientTensor ofInts(int[] values, long... shape) {
        ByteBuffer buffer = buffer(ElementType.INT32, values.length);
        buffer.asIntBuffer().put(values);
        return of(ElementType.INT32, values.length, buffer, shape);
    }

    /**
     * A tensor of {@link ElementType#INT8}.
     *
     * @param values its elements
     * @param shape as in {@link #ofFloats}
     * @return the tensor
     * @throws ClientException as {@link #ofFloats}
     */
    public static ClientTensor ofBytes(byte[] values, long... shape) {
        return of(ElementType.INT8, values.length, ByteBuffer.wrap(values.clone()), shape);
    }

    /**
     * A tensor of {@link ElementType#BOOL}.
     *
     * @param values its elements
     * @param shape as in {@link #ofFloats}
     * @return the tensor
     * @throws ClientException as {@link #ofFloats}
     */
    public static ClientTensor ofBooleans(boolean[] values, long... shape) {
        ByteBuffer buffer = buffer(ElementType.BOOL, values.length);
        for (int i = 0; i < values.length; i++) {
            buffer.put(i, (byte) (values[i] ? 1 : 0));
        }
        return of(ElementType.BOOL, values.length, buffer, shape);
    }

    /**
     * A tensor of {@link ElementType#BYTES}.
     *
     * @param values its elements; halves of characters become question marks
     * @param shape as in {@link #ofFloats}
     * @return the tensor
     * @throws ClientException as {@link #ofFloats}
     */
    public static ClientTensor ofStrings(String[] values, long... shape) {
        byte[][] texts = new byte[values.length][];
        long size = 0;
        for (int i = 0; i < values.length; i++) {
            texts[i] = values[i].getBytes(StandardCharsets.UTF_8);
            size += Integer.BYTES + texts[i].length;
        }
        if (size > Integer.MAX_VALUE - Long.BYTES) {
            throw ClientException.invalid(
                    "a tensor of texts", size + " bytes", "less than 2 GiB", "send fewer rows at once");
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] text : texts) {
            buffer.putInt(text.length).put(text);
        }
        return of(ElementType.BYTES, values.length, buffer, shape);
    }

    /**
     * A tensor of any type.
     *
     * @param type the type of its elements
     * @param bytes its elements, little-endian and without gaps; a text is its length in 32 bits, and its bytes
     * @param shape as in {@link #ofFloats}
     * @return the tensor
     * @throws ClientException of {@link ClientException.Reason#INVALID} if the bytes are not those of such a tensor
     */
    public static ClientTensor ofRaw(ElementType type, byte[] bytes, long... shape) {
        byte[] own = bytes.clone();
        long[] dims = shape.clone();
        String problem = problem(type, dims, own);
        if (problem != null) {
            throw ClientException.invalid(
                    "a tensor of " + type + " and shape " + Arrays.toString(shape),
                    problem,
                    "the bytes of all its elements",
                    "give other bytes or another shape");
        }
        return new ClientTensor(type, dims, own);
    }

    /** Names the fault of bytes that are no such tensor; null if they are one. */
    private static String problem(ElementType type, long[] shape, byte[] bytes) {
        long elements = count(shape);
        if (elements < 0) {
            return "a size below 0, or too many dimensions or elements";
        }
        if (type != ElementType.BYTES) {
            return bytes.length == elements * type.bytes() ? null : bytes.length + " bytes";
        }
        ByteBuffer rest = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long texts = 0;
        while (rest.remaining() >= Integer.BYTES) {
            int length = rest.getInt();
            if (length < 0 || length > rest.remaining()) {
                return "text " + texts + " has a length of " + Integer.toUnsignedString(length) + " bytes, and "
                        + rest.remaining() + " are left";
            }
            rest.position(rest.position() + length);
            texts++;
        }
        return rest.hasRemaining() || texts != elements
                ? texts + " texts and " + rest.remaining() + " more bytes"
                : null;
    }

    /** {@return the type of the elements} */
    public ElementType type() {
        return type;
    }

    /** {@return the sizes of the dimensions, a copy} */
    public long[] shape() {
        return shape.clone();
    }

    /** {@return the number of elements} */
    public int size() {
        return (int) count(shape);
    }

    /** {@return the elements as {@link #ofRaw} takes them, a copy} */
    public byte[] raw() {
        return bytes.clone();
    }

    /** The elements as they are sent, not a copy. */
    byte[] content() {
        return bytes;
    }

    private ByteBuffer as(ElementType wanted) {
        if (type != wanted) {
            throw ClientException.invalid(
                    "elements of a tensor",
                    "asked for as " + wanted,
                    type.name(),
                    "call the method of its type, or raw()");
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The elements of a tensor of {@link ElementType#FP32}.
     *
     * @return a copy of them
     * @throws ClientException of {@link ClientException.Reason#INVALID} if the type is another
     */
    public float[] floats() {
        ByteBuffer buffer = as(ElementType.FP32);
        float[] values = new float[bytes.length / Float.BYTES];
        buffer.asFloatBuffer().get(values);
        return values;
    }

    /**
     * The elements of a tensor of {@link ElementType#FP64}.
     *
     * @return a copy of them
     * @throws ClientException as {@link #floats}
     */
    public double[] doubles() {
        ByteBuffer buffer = as(ElementType.FP64);
        double[] values = new double[bytes.length / Double.BYTES];
        buffer.asDoubleBuffer().get(values);
        return values;
    }

    /**
     * The elements of a tensor of {@link ElementType#INT64}.
     *
     * @return a copy of them
     * @throws ClientException as {@link #floats}
     */
    public long[] longs() {
        ByteBuffer buffer = as(ElementType.INT64);
        long[] values = new long[bytes.length / Long.BYTES];
        buffer.asLongBuffer().get(values);
        return values;
    }

    /**
     * The elements of a tensor of {@link ElementType#INT32}.
     *
     * @return a copy of them
     * @throws ClientException as {@link #floats}
     */
    public int[] ints() {
        ByteBuffer buffer = as(ElementType.INT32);
        int[] values = new int[bytes.length / Integer.BYTES];
        buffer.asIntBuffer().get(values);
        return values;
    }

    /**
     * The elements of a tensor of {@link ElementType#INT8}.
     *
     * @return a copy of them
     * @throws ClientException as {@link #floats}
     */
    public byte[] bytes() {
        as(ElementType.INT8);
        return bytes.clone();
    }

    /**
     * The elements of a tensor of {@link ElementType#BOOL}.
     *
     * @return a copy of them
     * @throws ClientException as {@link #floats}
     */
    public boolean[] booleans() {
        ByteBuffer buffer = as(ElementType.BOOL);
        boolean[] values = new boolean[bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = buffer.get(i) != 0;
        }
        return values;
    }

    /**
     * The elements of a tensor of {@link ElementType#BYTES}, read as UTF-8.
     *
     * @return the texts
     * @throws ClientException as {@link #floats}
     */
    public String[] strings() {
        ByteBuffer buffer = as(ElementType.BYTES);
        List<String> texts = new ArrayList<>();
        while (buffer.hasRemaining()) {
            int length = buffer.getInt();
            texts.add(new String(bytes, buffer.position(), length, StandardCharsets.UTF_8));
            buffer.position(buffer.position() + length);
        }
        return texts.toArray(String[]::new);
    }

    /** {@return whether the other has the same type, shape and bits} */
    @Override
    public boolean equals(Object other) {
        return other instanceof ClientTensor that
                && type == that.type
                && Arrays.equals(shape, that.shape)
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(bytes) + Arrays.hashCode(shape);
    }

    /** {@return the type and the shape} */
    @Override
    public String toString() {
        return type + Arrays.toString(shape);
    }
}
