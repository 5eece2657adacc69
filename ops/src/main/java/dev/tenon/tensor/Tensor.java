package dev.tenon.tensor;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkMeter;
import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.LongFunction;

/**
 * A dense, row-major array of elements of one {@link DType}, of any rank.
 *
 * <p><b>Storage.</b> Numbers are packed in one {@link MemorySegment}: on the heap, native, or mapped. Alignment is not
 * required. The byte order is the platform's, little endian on every processor that Tenon has kernels for. Strings are
 * exact byte arrays. {@code of}, {@code copyOf} and {@code convert} copy what they are given; {@code wrap}, {@code
 * of(DType, MemorySegment, …)}, {@link #reshape}, {@link #slice} and {@link #asReadOnly} share it.
 *
 * <p><b>Elements.</b> Indices are flat, 0 to {@link #size()}-1. Getters convert from every real type, exactly where the
 * result can hold the value; setters convert to every real type with one rounding:
 *
 * <ul>
 *   <li>to a floating type: to nearest, ties to even; beyond the range infinity, but the float8 types saturate as ONNX's
 *       Cast does by default, {@link DType#FLOAT8E8M0} rounds the magnitude up to a power of two, and
 *       {@link DType#FLOAT4E2M1} saturates;
 *   <li>to an integer type: a double is truncated towards zero, NaN is 0, what exceeds a long is its nearest value; then
 *       all wrap modulo 2<sup>bits</sup>; {@link DType#UINT64} takes doubles up to 2<sup>64</sup>;
 *   <li>to {@link DType#BOOL}: whether it differs from 0; NaN does.
 * </ul>
 *
 * <p>Equality is identity; {@link #contentEquals} compares contents. A tensor may be read from any number of threads;
 * writing needs the caller's own ordering, as with arrays, and writers to sub-byte elements of one byte exclude each
 * other.
 *
 * <p>Errors are {@link InvalidTensorException}s, and {@link ResourceLimitException}s where memory is short.
 */
public final class Tensor implements Datum {
    private final DType dtype;
    private final long[] dims;
    private final long size;

    /** The packed elements; null for strings, and for elements that are widened when they are read. */
    private final MemorySegment data;

    /** The elements if they are widened when they are read; otherwise null. */
    private final WidenedElements widened;

    /** The elements if they are strings; otherwise null. */
    private final StringElements strings;

    private final boolean readOnly;
    private TensorType type;

    /** Counts accesses to elements while the reference of an operator runs; null at all other times. */
    private WorkMeter meter;

    private Tensor(DType dtype, long[] dims, long size, MemorySegment data) {
        this.dtype = dtype;
        this.dims = dims;
        this.size = size;
        this.data = data;
        this.widened = null;
        this.strings = null;
        this.readOnly = data.isReadOnly();
    }

    private Tensor(long[] dims, long size, WidenedElements widened) {
        this.dtype = DType.FLOAT32;
        this.dims = dims;
        this.size = size;
        this.data = null;
        this.widened = widened;
        this.strings = null;
        this.readOnly = true;
    }

    private Tensor(long[] dims, long size, StringElements strings, boolean readOnly) {
        this.dtype = DType.STRING;
        this.dims = dims;
        this.size = size;
        this.data = null;
        this.widened = null;
        this.strings = strings;
        this.readOnly = readOnly;
    }

    /** This, with accesses counted if the calling thread counts those of the tensors that it makes. */
    private Tensor counted() {
        meter = WorkBudget.currentMeter();
        return this;
    }

    private void count() {
        WorkMeter m = meter;
        if (m != null && !m.tick()) {
            meter = null;
        }
    }

    private void countAll() {
        WorkMeter m = meter;
        if (m != null && !m.tick(size)) {
            meter = null;
        }
    }

    /** How errors name this. */
    String name() {
        return TensorErrors.name(dtype, dims);
    }

    private static long count(DType dtype, long[] dims) {
        return Shape.count(dtype.text(), dims);
    }

    /**
     * A one-dimensional {@link DType#FLOAT32} tensor of a copy of values.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor of(float[] values) {
        return of(values, values.length);
    }

    /**
     * A {@link DType#FLOAT32} tensor of a copy of values.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor of(float[] values, long... dims) {
        return wrap(values.clone(), dims);
    }

    /**
     * A two-dimensional {@link DType#FLOAT32} tensor of a copy of rows.
     *
     * @param rows the rows, all of the same length; no rows make a tensor of shape [0,0]
     * @return the tensor, [rows.length, length of a row]
     * @throws InvalidTensorException if a row is null or has another length than the first
     */
    public static Tensor of(float[][] rows) {
        int width = rows.length == 0 || rows[0] == null ? 0 : rows[0].length;
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] == null || rows[i].length != width) {
                throw TensorErrors.unequalRows(rows, i, width);
            }
        }
        Tensor t = allocate(DType.FLOAT32, rows.length, width);
        for (int i = 0; i < rows.length; i++) {
            MemorySegment.copy(rows[i], 0, t.data, ValueLayout.JAVA_FLOAT, 4L * width * i, width);
        }
        return t;
    }

    /**
     * A one-dimensional {@link DType#FLOAT32} tensor that shares an array: a change of one changes both.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor wrap(float[] values) {
        return wrap(values, values.length);
    }

    /**
     * A {@link DType#FLOAT32} tensor that shares an array: a change of one changes both.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor wrap(float[] values, long... dims) {
        return of(DType.FLOAT32, MemorySegment.ofArray(values), dims);
    }

    /**
     * A one-dimensional {@link DType#FLOAT64} tensor of a copy of values.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor of(double[] values) {
        return of(values, values.length);
    }

    /**
     * A {@link DType#FLOAT64} tensor of a copy of values.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor of(double[] values, long... dims) {
        return wrap(values.clone(), dims);
    }

    /**
     * A one-dimensional {@link DType#FLOAT64} tensor that shares an array: a change of one changes both.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor wrap(double[] values) {
        return wrap(values, values.length);
    }

    /**
     * A {@link DType#FLOAT64} tensor that shares an array: a change of one changes both.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor wrap(double[] values, long... dims) {
        return of(DType.FLOAT64, MemorySegment.ofArray(values), dims);
    }

    /**
     * A one-dimensional {@link DType#INT64} tensor of a copy of values.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor of(long[] values) {
        return of(values, values.length);
    }

    /**
     * A {@link DType#INT64} tensor of a copy of values.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor of(long[] values, long... dims) {
        return wrap(values.clone(), dims);
    }

    /**
     * A one-dimensional {@link DType#INT64} tensor that shares an array: a change of one changes both.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor wrap(long[] values) {
        return wrap(values, values.length);
    }

    /**
     * A {@link DType#INT64} tensor that shares an array: a change of one changes both.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor wrap(long[] values, long... dims) {
        return of(DType.INT64, MemorySegment.ofArray(values), dims);
    }

    /**
     * A one-dimensional {@link DType#INT32} tensor of a copy of values.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor of(int[] values) {
        return of(values, values.length);
    }

    /**
     * A {@link DType#INT32} tensor of a copy of values.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor of(int[] values, long... dims) {
        return wrap(values.clone(), dims);
    }

    /**
     * A one-dimensional {@link DType#INT32} tensor that shares an array: a change of one changes both.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor wrap(int[] values) {
        return wrap(values, values.length);
    }

    /**
     * A {@link DType#INT32} tensor that shares an array: a change of one changes both.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor wrap(int[] values, long... dims) {
        return of(DType.INT32, MemorySegment.ofArray(values), dims);
    }

    /**
     * A one-dimensional {@link DType#INT16} tensor of a copy of values.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor of(short[] values) {
        return of(values, values.length);
    }

    /**
     * A {@link DType#INT16} tensor of a copy of values.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor of(short[] values, long... dims) {
        return wrap(values.clone(), dims);
    }

    /**
     * A one-dimensional {@link DType#INT16} tensor that shares an array: a change of one changes both.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor wrap(short[] values) {
        return wrap(values, values.length);
    }

    /**
     * A {@link DType#INT16} tensor that shares an array: a change of one changes both.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor wrap(short[] values, long... dims) {
        return of(DType.INT16, MemorySegment.ofArray(values), dims);
    }

    /**
     * A one-dimensional {@link DType#INT8} tensor of a copy of values.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor of(byte[] values) {
        return of(values, values.length);
    }

    /**
     * A {@link DType#INT8} tensor of a copy of values.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor of(byte[] values, long... dims) {
        return wrap(values.clone(), dims);
    }

    /**
     * A one-dimensional {@link DType#INT8} tensor that shares an array: a change of one changes both.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor wrap(byte[] values) {
        return wrap(values, values.length);
    }

    /**
     * A {@link DType#INT8} tensor that shares an array: a change of one changes both.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor wrap(byte[] values, long... dims) {
        return of(DType.INT8, MemorySegment.ofArray(values), dims);
    }

    /**
     * A one-dimensional {@link DType#BOOL} tensor of a copy of values.
     *
     * @param values the elements
     * @return the tensor, [values.length]
     */
    public static Tensor of(boolean[] values) {
        return of(values, values.length);
    }

    /**
     * A {@link DType#BOOL} tensor of a copy of values.
     *
     * @param values the elements, row-major
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length
     */
    public static Tensor of(boolean[] values, long... dims) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        return of(DType.BOOL, MemorySegment.ofArray(bytes), dims);
    }

    /**
     * A one-dimensional {@link DType#STRING} tensor.
     *
     * @param values the elements, none null; encoded as {@link String#getBytes} does
     * @return the tensor, [values.length]
     * @throws InvalidTensorException if an element is null
     */
    public static Tensor of(String[] values) {
        return of(values, values.length);
    }

    /**
     * A {@link DType#STRING} tensor.
     *
     * @param values the elements, row-major, none null; encoded as {@link String#getBytes} does
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length, or an element is null
     */
    public static Tensor of(String[] values, long... dims) {
        return ofStrings(StringElements.encode(values), dims);
    }

    /**
     * A {@link DType#STRING} tensor of exact bytes, which are copied and need not be valid UTF-8.
     *
     * @param values the elements, row-major, none null
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length, or an element is null
     */
    public static Tensor ofUtf8(byte[][] values, long... dims) {
        return ofStrings(StringElements.copy(values), dims);
    }

    private static Tensor ofStrings(byte[][] bytes, long... dims) {
        long[] owned = dims.clone();
        long size = count(DType.STRING, owned);
        if (size != bytes.length) {
            throw TensorErrors.wrongCount(DType.STRING, owned, bytes.length, size);
        }
        StringElements strings = StringElements.of(bytes, TensorErrors.name(DType.STRING, owned));
        return new Tensor(owned, size, strings, false);
    }

    /**
     * A tensor that shares a segment: heap, native or mapped, read-only or not, aligned or not.
     *
     * @param dtype the element type, not {@link DType#STRING}
     * @param data the packed elements, row-major, in the platform's byte order; of exactly
     *     {@link DType#byteSize(long)} bytes
     * @param dims the dimensions; none for a scalar
     * @return the tensor
     * @throws InvalidTensorException if the size differs or the type is {@link DType#STRING}
     */
    public static Tensor of(DType dtype, MemorySegment data, long... dims) {
        long[] owned = dims.clone();
        long size = count(dtype, owned);
        if (dtype == DType.STRING) {
            throw TensorErrors.noSegment(TensorErrors.name(dtype, owned), null, "use Tensor.ofUtf8");
        }
        long bytes = dtype.byteSize(size);
        if (data.byteSize() != bytes) {
            throw TensorErrors.wrongBytes(
                    dtype, owned, data.byteSize(), "exactly " + bytes + " bytes (" + size + " elements)");
        }
        return new Tensor(dtype, owned, size, data);
    }

    /**
     * A one-dimensional {@link DType#FLOAT32} tensor of a copy of the elements that remain in a buffer. The position of the
     * buffer does not change.
     *
     * @param values the elements, in the buffer's byte order
     * @return the tensor, [values.remaining()]
     */
    public static Tensor copyOf(FloatBuffer values) {
        return copyOf(values, values.remaining());
    }

    /**
     * A {@link DType#FLOAT32} tensor of a copy of the elements that remain in a buffer. The position of the buffer does not change.
     *
     * @param values the elements, row-major, in the buffer's byte order
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the number of elements
     */
    public static Tensor copyOf(FloatBuffer values, long... dims) {
        return allocate(DType.FLOAT32, values.remaining(), dims).fill(values, values.order());
    }

    /**
     * A one-dimensional {@link DType#FLOAT64} tensor of a copy of the elements that remain in a buffer. The position of the
     * buffer does not change.
     *
     * @param values the elements, in the buffer's byte order
     * @return the tensor, [values.remaining()]
     */
    public static Tensor copyOf(DoubleBuffer values) {
        return copyOf(values, values.remaining());
    }

    /**
     * A {@link DType#FLOAT64} tensor of a copy of the elements that remain in a buffer. The position of the buffer does not change.
     *
     * @param values the elements, row-major, in the buffer's byte order
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the number of elements
     */
    public static Tensor copyOf(DoubleBuffer values, long... dims) {
        return allocate(DType.FLOAT64, values.remaining(), dims).fill(values, values.order());
    }

    /**
     * A one-dimensional {@link DType#INT64} tensor of a copy of the elements that remain in a buffer. The position of the
     * buffer does not change.
     *
     * @param values the elements, in the buffer's byte order
     * @return the tensor, [values.remaining()]
     */
    public static Tensor copyOf(LongBuffer values) {
        return copyOf(values, values.remaining());
    }

    /**
     * A {@link DType#INT64} tensor of a copy of the elements that remain in a buffer. The position of the buffer does not change.
     *
     * @param values the elements, row-major, in the buffer's byte order
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the number of elements
     */
    public static Tensor copyOf(LongBuffer values, long... dims) {
        return allocate(DType.INT64, values.remaining(), dims).fill(values, values.order());
    }

    /**
     * A one-dimensional {@link DType#INT32} tensor of a copy of the elements that remain in a buffer. The position of the
     * buffer does not change.
     *
     * @param values the elements, in the buffer's byte order
     * @return the tensor, [values.remaining()]
     */
    public static Tensor copyOf(IntBuffer values) {
        return copyOf(values, values.remaining());
    }

    /**
     * A {@link DType#INT32} tensor of a copy of the elements that remain in a buffer. The position of the buffer does not change.
     *
     * @param values the elements, row-major, in the buffer's byte order
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the number of elements
     */
    public static Tensor copyOf(IntBuffer values, long... dims) {
        return allocate(DType.INT32, values.remaining(), dims).fill(values, values.order());
    }

    /**
     * A one-dimensional {@link DType#INT16} tensor of a copy of the elements that remain in a buffer. The position of the
     * buffer does not change.
     *
     * @param values the elements, in the buffer's byte order
     * @return the tensor, [values.remaining()]
     */
    public static Tensor copyOf(ShortBuffer values) {
        return copyOf(values, values.remaining());
    }

    /**
     * A {@link DType#INT16} tensor of a copy of the elements that remain in a buffer. The position of the buffer does not change.
     *
     * @param values the elements, row-major, in the buffer's byte order
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the number of elements
     */
    public static Tensor copyOf(ShortBuffer values, long... dims) {
        return allocate(DType.INT16, values.remaining(), dims).fill(values, values.order());
    }

    /**
     * A tensor of a copy of the bytes that remain in a buffer. The position of the buffer does not change, and its byte
     * order does not matter.
     *
     * @param dtype the element type, not {@link DType#STRING}
     * @param bytes the packed elements, row-major, in the platform's byte order
     * @param dims the dimensions; none for a scalar
     * @return the tensor
     * @throws InvalidTensorException if the number of bytes is wrong or the type is {@link DType#STRING}
     */
    public static Tensor copyOf(DType dtype, ByteBuffer bytes, long... dims) {
        return of(dtype, MemorySegment.ofBuffer(bytes), dims).copy();
    }

    private static Tensor allocate(DType dtype, int count, long[] dims) {
        long size = count(dtype, dims);
        if (size != count) {
            throw TensorErrors.wrongCount(dtype, dims, count, size);
        }
        return allocate(dtype, dims);
    }

    private Tensor fill(Buffer from, ByteOrder order) {
        ValueLayout layout = Elements.layout(dtype);
        MemorySegment.copy(MemorySegment.ofBuffer(from), layout.withOrder(order), 0, data, layout, 0, size);
        return this;
    }

    /**
     * A one-dimensional tensor of values converted to a type.
     *
     * @param dtype the element type: a real one
     * @param values the values, converted as {@link #setDouble} does
     * @return the tensor, [values.length]
     * @throws InvalidTensorException if the type is not real
     */
    public static Tensor convert(DType dtype, double[] values) {
        return convert(dtype, values, values.length);
    }

    /**
     * A tensor of values converted to a type.
     *
     * @param dtype the element type: a real one
     * @param values the values, row-major, converted as {@link #setDouble} does
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length or the type is not real
     */
    public static Tensor convert(DType dtype, double[] values, long... dims) {
        Tensor tensor = allocate(dtype, values.length, dims);
        for (int i = 0; i < values.length; i++) {
            tensor.setDouble(i, values[i]);
        }
        return tensor;
    }

    /**
     * A one-dimensional tensor of values converted to a type.
     *
     * @param dtype the element type: a real one
     * @param values the values, converted as {@link #setLong} does
     * @return the tensor, [values.length]
     * @throws InvalidTensorException if the type is not real
     */
    public static Tensor convert(DType dtype, long[] values) {
        return convert(dtype, values, values.length);
    }

    /**
     * A tensor of values converted to a type.
     *
     * @param dtype the element type: a real one
     * @param values the values, row-major, converted as {@link #setLong} does
     * @param dims the dimensions; an empty array makes a scalar
     * @return the tensor
     * @throws InvalidTensorException if the dimensions do not multiply to the length or the type is not real
     */
    public static Tensor convert(DType dtype, long[] values, long... dims) {
        Tensor tensor = allocate(dtype, values.length, dims);
        for (int i = 0; i < values.length; i++) {
            tensor.setLong(i, values[i]);
        }
        return tensor;
    }

    /**
     * A scalar.
     *
     * @param value the value
     * @return a {@link DType#FLOAT32} tensor of rank 0
     */
    public static Tensor scalar(float value) {
        return wrap(new float[] {value}, new long[0]);
    }

    /**
     * A scalar.
     *
     * @param value the value
     * @return a {@link DType#FLOAT64} tensor of rank 0
     */
    public static Tensor scalar(double value) {
        return wrap(new double[] {value}, new long[0]);
    }

    /**
     * A scalar.
     *
     * @param value the value
     * @return an {@link DType#INT64} tensor of rank 0
     */
    public static Tensor scalar(long value) {
        return wrap(new long[] {value}, new long[0]);
    }

    /**
     * A scalar.
     *
     * @param value the value
     * @return an {@link DType#INT32} tensor of rank 0
     */
    public static Tensor scalar(int value) {
        return wrap(new int[] {value}, new long[0]);
    }

    /**
     * A scalar.
     *
     * @param value the value
     * @return a {@link DType#BOOL} tensor of rank 0
     */
    public static Tensor scalar(boolean value) {
        return of(new boolean[] {value}, new long[0]);
    }

    /**
     * A scalar.
     *
     * @param value the value, not null
     * @return a {@link DType#STRING} tensor of rank 0
     */
    public static Tensor scalar(String value) {
        return of(new String[] {value}, new long[0]);
    }

    /**
     * A tensor of zeros on the heap; of empty strings for {@link DType#STRING}.
     *
     * @param dtype the element type
     * @param dims the dimensions; none for a scalar
     * @return the tensor
     * @throws InvalidTensorException if a dimension is negative or the sizes overflow
     * @throws ResourceLimitException if the heap or an array can't hold it
     */
    public static Tensor allocate(DType dtype, long... dims) {
        long[] owned = dims.clone();
        long size = count(dtype, owned);
        if (dtype == DType.STRING) {
            StringElements empty = StringElements.empty(size, () -> TensorErrors.name(dtype, owned));
            return new Tensor(owned, size, empty, false).counted();
        }
        dtype.byteSize(size);
        MemorySegment zeros = Storage.heap(dtype, size, () -> TensorErrors.name(dtype, owned));
        return new Tensor(dtype, owned, size, zeros).counted();
    }

    /**
     * A tensor of zeros in native memory, aligned to 64 bytes. The garbage collector frees it. Strings are on the heap
     * all the same.
     *
     * @param dtype the element type
     * @param dims the dimensions; none for a scalar
     * @return the tensor
     * @throws InvalidTensorException if a dimension is negative or the sizes overflow
     * @throws ResourceLimitException if native memory is short
     */
    public static Tensor allocateNative(DType dtype, long... dims) {
        if (dtype == DType.STRING) {
            return allocate(dtype, dims);
        }
        long[] owned = dims.clone();
        long size = count(dtype, owned);
        MemorySegment zeros = Storage.offHeap(dtype.byteSize(size), () -> TensorErrors.name(dtype, owned));
        return new Tensor(dtype, owned, size, zeros);
    }

    /** {@return the element type} */
    public DType dtype() {
        return dtype;
    }

    /** {@return the number of dimensions} */
    public int rank() {
        return dims.length;
    }

    /**
     * One dimension; allocates nothing.
     *
     * @param i its index; -1 is the last, -2 the one before
     * @return the dimension
     * @throws InvalidTensorException if the index is outside [-rank, rank-1]
     */
    public long dim(int i) {
        int index = i < 0 ? i + dims.length : i;
        if (index < 0 || index >= dims.length) {
            throw TensorErrors.noDimension(this, i);
        }
        return dims[index];
    }

    /** {@return a copy of the dimensions} */
    public long[] dims() {
        return dims.clone();
    }

    /**
     * Whether this has the dimensions given; allocates nothing.
     *
     * @param expected the dimensions
     * @return whether rank and all dimensions are equal
     */
    public boolean shapeIs(long[] expected) {
        return Arrays.equals(dims, expected);
    }

    /** {@return the shape, known in every dimension} */
    public Shape shape() {
        return type().shape();
    }

    @Override
    public TensorType type() {
        TensorType result = type;
        if (result == null) {
            result = new TensorType(dtype, Shape.of(dims));
            type = result;
        }
        return result;
    }

    /** {@return the number of elements} */
    public long size() {
        return size;
    }

    /** {@return the number of bytes of the packed elements; for strings the sum of their lengths} */
    public long byteSize() {
        return strings == null ? dtype.byteSize(size) : strings.byteSize(size);
    }

    /** {@return whether the elements are outside of the Java heap: native or mapped} */
    public boolean isNative() {
        return data != null && data.isNative();
    }

    /** {@return whether setters and {@code copyFrom} fail} */
    public boolean isReadOnly() {
        return readOnly;
    }

    /**
     * The memory of the elements, shared.
     *
     * @return the segment, of exactly {@link #byteSize()} bytes
     * @throws InvalidTensorException if the elements are strings
     */
    public MemorySegment segment() {
        if (data != null) {
            return data;
        }
        if (widened == null) {
            throw TensorErrors.noSegment(name(), "numeric types", "use getUtf8");
        }
        return widened.segment();
    }

    /**
     * This as float32, without a copy: the elements are widened each time they are read, so the result takes no memory of
     * its own for long. It is read-only and shows no later change of this, if there is one, for sure.
     *
     * @return the tensor, of the same dimensions
     * @throws InvalidTensorException if the elements are neither float16 nor bfloat16
     */
    public Tensor widened() {
        requireType(dtype == DType.FLOAT16 || dtype == DType.BFLOAT16, "f16, bf16", "float32 without a copy");
        return new Tensor(dims, size, new WidenedElements(this)).counted();
    }

    /**
     * The tensor of 16-bit numbers that this float32 tensor widens.
     *
     * @return the tensor that {@link #widened} was called on, in the dimensions of this one; null for any other tensor
     */
    public Tensor narrow() {
        return widened == null ? null : widened.narrow().reshape(dims);
    }

    private MemorySegment at(long i) {
        if (i < 0 || i >= size) {
            throw TensorErrors.noElement(this, i);
        }
        if (meter != null) {
            count();
        }
        return data == null ? segment() : data;
    }

    private MemorySegment writable(long i) {
        requireWritable();
        return at(i);
    }

    /**
     * An element as a double.
     *
     * @param i the flat index
     * @return the value; 64-bit integers are rounded to nearest, BOOL gives 0 or 1
     * @throws InvalidTensorException if the index is outside, or the type is complex or a string
     */
    public double getDouble(long i) {
        return Elements.getDouble(dtype, at(i), i);
    }

    /**
     * An element as a float.
     *
     * @param i the flat index
     * @return the value, rounded once to nearest if a float can't hold it
     * @throws InvalidTensorException if the index is outside, or the type is complex or a string
     */
    public float getFloat(long i) {
        return Elements.getFloat(dtype, at(i), i);
    }

    /**
     * An element as a long.
     *
     * @param i the flat index
     * @return the value; floats are truncated towards zero as by a Java cast; UINT64 gives its bits; BOOL 0 or 1
     * @throws InvalidTensorException if the index is outside, or the type is complex or a string
     */
    public long getLong(long i) {
        return Elements.getLong(dtype, at(i), i);
    }

    /**
     * Whether an element differs from zero.
     *
     * @param i the flat index
     * @return whether it differs from zero; NaN does
     * @throws InvalidTensorException if the index is outside, or the type is complex or a string
     */
    public boolean getBoolean(long i) {
        return dtype.isFloating() ? getDouble(i) != 0 : getLong(i) != 0;
    }

    /**
     * The bits of an element, unsigned.
     *
     * @param i the flat index
     * @return its bits, in the low bits of the result
     * @throws InvalidTensorException if the index is outside, or the type is COMPLEX128 or a string
     */
    public long getBits(long i) {
        return Elements.getBits(dtype, at(i), i);
    }

    /**
     * The real part of an element.
     *
     * @param i the flat index
     * @return the real part; of a real type the value
     * @throws InvalidTensorException if the index is outside or the type is a string
     */
    public double getReal(long i) {
        return Elements.getPart(dtype, at(i), i, 0);
    }

    /**
     * The imaginary part of an element.
     *
     * @param i the flat index
     * @return the imaginary part; 0 for a real type
     * @throws InvalidTensorException if the index is outside or the type is a string
     */
    public double getImaginary(long i) {
        return Elements.getPart(dtype, at(i), i, 1);
    }

    /**
     * A string element.
     *
     * @param i the flat index
     * @return the string; bytes that are not UTF-8 become U+FFFD
     * @throws InvalidTensorException if the index is outside or the elements are no strings
     */
    public String getString(long i) {
        return new String(utf8(i), StandardCharsets.UTF_8);
    }

    /**
     * The exact bytes of a string element.
     *
     * @param i the flat index
     * @return a copy of the bytes
     * @throws InvalidTensorException if the index is outside or the elements are no strings
     */
    public byte[] getUtf8(long i) {
        return utf8(i).clone();
    }

    /** The bytes of a string; they must not be changed. */
    byte[] utf8(long i) {
        requireType(strings != null, "string", "strings");
        if (i < 0 || i >= size) {
            throw TensorErrors.noElement(this, i);
        }
        if (meter != null) {
            count();
        }
        return strings.get(i);
    }

    /** The strings of this, of which some neighbours are about to be written. */
    StringElements writableStrings(long from, int n) {
        requireWritable();
        return strings(from, n);
    }

    /** The strings of this, of which some neighbours are about to be read; they must not be changed. */
    StringElements strings(long from, int n) {
        requireType(strings != null, "string", "strings");
        if (from < 0 || n > size - from) {
            throw TensorErrors.noElement(this, from < 0 ? from : from + n - 1);
        }
        WorkMeter m = meter;
        if (m != null && !m.tick(n)) {
            meter = null;
        }
        return strings;
    }

    /**
     * Writes an element, converted to the type: see the class comment.
     *
     * @param i the flat index
     * @param value the value
     * @throws InvalidTensorException if the index is outside, the type is complex or a string, or this is read-only
     */
    public void setDouble(long i, double value) {
        Elements.setDouble(dtype, writable(i), i, value);
    }

    /**
     * Writes an element, converted to the type: see the class comment.
     *
     * @param i the flat index
     * @param value the value
     * @throws InvalidTensorException if the index is outside, the type is complex or a string, or this is read-only
     */
    public void setLong(long i, long value) {
        Elements.setLong(dtype, writable(i), i, value);
    }

    /**
     * Writes an element like {@link #setLong}, with the value read as unsigned.
     *
     * @param i the flat index
     * @param value the value, 0 to 2<sup>64</sup>-1
     * @throws InvalidTensorException if the index is outside, the type is complex or a string, or this is read-only
     */
    public void setUnsigned(long i, long value) {
        Elements.setUnsigned(dtype, writable(i), i, value);
    }

    /**
     * Writes an element: 1 or 0, converted to the type.
     *
     * @param i the flat index
     * @param value the value
     * @throws InvalidTensorException if the index is outside, the type is complex or a string, or this is read-only
     */
    public void setBoolean(long i, boolean value) {
        setLong(i, value ? 1 : 0);
    }

    /**
     * Writes the bits of an element.
     *
     * @param i the flat index
     * @param bits the bits; only as many low ones count as the type has
     * @throws InvalidTensorException if the index is outside, the type is COMPLEX128 or a string, or this is read-only
     */
    public void setBits(long i, long bits) {
        Elements.setBits(dtype, writable(i), i, bits);
    }

    /**
     * Writes a complex element, each part rounded to nearest.
     *
     * @param i the flat index
     * @param real the real part
     * @param imaginary the imaginary part
     * @throws InvalidTensorException if the index is outside, the type is not complex, or this is read-only
     */
    public void setComplex(long i, double real, double imaginary) {
        MemorySegment target = writable(i);
        Elements.setPart(dtype, target, i, 0, real);
        Elements.setPart(dtype, target, i, 1, imaginary);
    }

    /**
     * Writes a string element.
     *
     * @param i the flat index
     * @param value the string, encoded as {@link String#getBytes} does
     * @throws InvalidTensorException if the index is outside, the elements are no strings, or this is read-only
     */
    public void setString(long i, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        StringElements.count(bytes.length);
        putUtf8(i, bytes);
    }

    /**
     * Writes the exact bytes of a string element.
     *
     * @param i the flat index
     * @param value the bytes, which are copied
     * @throws InvalidTensorException if the index is outside, the elements are no strings, or this is read-only
     */
    public void setUtf8(long i, byte[] value) {
        StringElements.count(value.length);
        putUtf8(i, value.clone());
    }

    private void putUtf8(long i, byte[] value) {
        utf8(i);
        requireWritable();
        strings.set(i, value);
    }

    private void requireWritable() {
        if (readOnly) {
            throw TensorErrors.readOnly(this);
        }
    }

    /**
     * Copies one element, bit by bit, into a tensor of the same type.
     *
     * @param i the flat index here
     * @param target the tensor to write to
     * @param j the flat index there
     * @throws InvalidTensorException if an index is outside, the types differ, or the target is read-only
     */
    public void copyElementTo(long i, Tensor target, long j) {
        requireSameType(target);
        if (strings != null) {
            target.putUtf8(j, utf8(i));
        } else if (dtype.bits() < 128) {
            Elements.setBits(dtype, target.writable(j), j, Elements.getBits(dtype, at(i), i));
        } else {
            MemorySegment.copy(at(i), i << 4, target.writable(j), j << 4, 16);
        }
    }

    private void requireSameType(Tensor other) {
        if (dtype != other.dtype) {
            throw TensorErrors.otherType(this, other.dtype);
        }
    }

    private void requireType(boolean fits, String allowed, String purpose) {
        if (!fits) {
            throw TensorErrors.unfitType(this, allowed, purpose);
        }
    }

    private <A> A newArray(int elementBytes, LongFunction<A> maker) {
        requireType(dtype != DType.STRING && !dtype.isComplex(), "real types", "an array of numbers");
        countAll();
        return Storage.array(size, elementBytes, maker, this::name);
    }

    /**
     * The elements as floats.
     *
     * @return a new array; converted as {@link #getFloat} does
     * @throws InvalidTensorException if the type is complex or a string
     * @throws ResourceLimitException if there are too many for an array
     */
    public float[] toFloatArray() {
        return ElementArrays.floats(newArray(4, n -> new float[(int) n]), dtype, segment());
    }

    /**
     * The elements as doubles.
     *
     * @return a new array; converted as {@link #getDouble} does
     * @throws InvalidTensorException if the type is complex or a string
     * @throws ResourceLimitException if there are too many for an array
     */
    public double[] toDoubleArray() {
        return ElementArrays.doubles(newArray(8, n -> new double[(int) n]), dtype, segment());
    }

    /**
     * The elements as longs.
     *
     * @return a new array; converted as {@link #getLong} does
     * @throws InvalidTensorException if the type is complex or a string
     * @throws ResourceLimitException if there are too many for an array
     */
    public long[] toLongArray() {
        return ElementArrays.longs(newArray(8, n -> new long[(int) n]), dtype, segment());
    }

    /**
     * The elements as ints.
     *
     * @return a new array of the low 32 bits of what {@link #getLong} gives
     * @throws InvalidTensorException if the type is complex or a string
     * @throws ResourceLimitException if there are too many for an array
     */
    public int[] toIntArray() {
        return ElementArrays.ints(newArray(4, n -> new int[(int) n]), dtype, segment());
    }

    /**
     * The elements as shorts; the bit patterns of 16-bit floats are in {@link #segment()}.
     *
     * @return a new array of the low 16 bits of what {@link #getLong} gives
     * @throws InvalidTensorException if the type is complex or a string
     * @throws ResourceLimitException if there are too many for an array
     */
    public short[] toShortArray() {
        return ElementArrays.shorts(newArray(2, n -> new short[(int) n]), dtype, segment());
    }

    /**
     * The elements as bytes, one each; packed bytes and bit patterns are in {@link #segment()}.
     *
     * @return a new array of the low 8 bits of what {@link #getLong} gives
     * @throws InvalidTensorException if the type is complex or a string
     * @throws ResourceLimitException if there are too many for an array
     */
    public byte[] toByteArray() {
        return ElementArrays.bytes(newArray(1, n -> new byte[(int) n]), dtype, segment());
    }

    /**
     * Whether each element differs from zero.
     *
     * @return a new array; converted as {@link #getBoolean} does
     * @throws InvalidTensorException if the type is complex or a string
     * @throws ResourceLimitException if there are too many for an array
     */
    public boolean[] toBooleanArray() {
        boolean[] out = newArray(1, n -> new boolean[(int) n]);
        for (int i = 0; i < out.length; i++) {
            out[i] = getBoolean(i);
        }
        return out;
    }

    /**
     * The strings.
     *
     * @return a new array; decoded as {@link #getString} does
     * @throws InvalidTensorException if the elements are no strings
     */
    public String[] toStringArray() {
        requireType(strings != null, "string", "an array of strings");
        String[] out = new String[(int) size];
        for (int i = 0; i < out.length; i++) {
            out[i] = getString(i);
        }
        return out;
    }

    /**
     * Copies all elements into another tensor of the same type and size. The shapes may differ.
     *
     * @param target the tensor to write to
     * @throws InvalidTensorException if type or size differ, or the target is read-only
     */
    public void copyTo(Tensor target) {
        requireSameType(target);
        target.requireWritable();
        countAll();
        if (size != target.size) {
            throw TensorErrors.wrongCount(target.dtype, target.dims, size, target.size);
        }
        if (strings != null) {
            strings.copyTo(target.strings, size);
        } else {
            target.data.copyFrom(segment());
        }
    }

    /**
     * Copies the packed elements to the start of a segment.
     *
     * @param target a writable segment of {@link #byteSize()} bytes or more
     * @throws InvalidTensorException if it is too small or read-only, or the elements are strings
     */
    public void copyTo(MemorySegment target) {
        MemorySegment source = segment();
        if (target.byteSize() < source.byteSize() || target.isReadOnly()) {
            throw TensorErrors.badTarget(this, target.byteSize(), target.isReadOnly(), source.byteSize(), "bytes");
        }
        MemorySegment.copy(source, 0, target, 0, source.byteSize());
    }

    /**
     * Puts the packed elements into a buffer at its position, which moves past them; its byte order does not matter.
     *
     * @param target a buffer with room for {@link #byteSize()} bytes
     * @throws InvalidTensorException if it is too small or read-only, or the elements are strings
     */
    public void copyTo(ByteBuffer target) {
        if (target.isReadOnly()) {
            throw TensorErrors.badTarget(
                    this, target.remaining(), true, segment().byteSize(), "bytes");
        }
        copyTo(MemorySegment.ofBuffer(target));
        target.position(target.position() + (int) byteSize());
    }

    private void drain(Buffer target, ByteOrder order) {
        if (target.remaining() < size || target.isReadOnly()) {
            throw TensorErrors.badTarget(this, target.remaining(), target.isReadOnly(), size, "elements");
        }
        ValueLayout layout = Elements.layout(dtype);
        MemorySegment.copy(segment(), layout, 0, MemorySegment.ofBuffer(target), layout.withOrder(order), 0, size);
        target.position(target.position() + (int) size);
    }

    /**
     * Puts all elements into a buffer at its position, and advances the position.
     *
     * @param target a buffer with room for {@link #size()} elements; any byte order
     * @throws InvalidTensorException if the element type is not {@link DType#FLOAT32}, or the buffer too small or read-only
     */
    public void copyTo(FloatBuffer target) {
        requireType(dtype == DType.FLOAT32, "f32", "FloatBuffer");
        drain(target, target.order());
    }

    /**
     * Puts all elements into a buffer at its position, and advances the position.
     *
     * @param target a buffer with room for {@link #size()} elements; any byte order
     * @throws InvalidTensorException if the element type is not {@link DType#FLOAT64}, or the buffer too small or read-only
     */
    public void copyTo(DoubleBuffer target) {
        requireType(dtype == DType.FLOAT64, "f64", "DoubleBuffer");
        drain(target, target.order());
    }

    /**
     * Puts all elements into a buffer at its position, and advances the position.
     *
     * @param target a buffer with room for {@link #size()} elements; any byte order
     * @throws InvalidTensorException if the element type is not 64-bit integers, or the buffer too small or read-only
     */
    public void copyTo(LongBuffer target) {
        requireType(dtype == DType.INT64 || dtype == DType.UINT64, "i64, u64", "LongBuffer");
        drain(target, target.order());
    }

    /**
     * Puts all elements into a buffer at its position, and advances the position.
     *
     * @param target a buffer with room for {@link #size()} elements; any byte order
     * @throws InvalidTensorException if the element type is not 32-bit integers, or the buffer too small or read-only
     */
    public void copyTo(IntBuffer target) {
        requireType(dtype == DType.INT32 || dtype == DType.UINT32, "i32, u32", "IntBuffer");
        drain(target, target.order());
    }

    /**
     * Puts all elements into a buffer at its position, and advances the position.
     *
     * @param target a buffer with room for {@link #size()} elements; any byte order
     * @throws InvalidTensorException if the element type is not any 16-bit type, as bits, or the buffer too small or read-only
     */
    public void copyTo(ShortBuffer target) {
        requireType(dtype.bits() == 16, "i16, u16, f16, bf16", "ShortBuffer");
        drain(target, target.order());
    }

    /**
     * Copies all elements from another tensor of the same type and size. The shapes may differ.
     *
     * @param source the tensor to read from
     * @throws InvalidTensorException if type or size differ, or this is read-only
     */
    public void copyFrom(Tensor source) {
        source.copyTo(this);
    }

    /**
     * Copies the packed elements from the start of a segment.
     *
     * @param source a segment of {@link #byteSize()} bytes or more
     * @throws InvalidTensorException if it is too small, the elements are strings, or this is read-only
     */
    public void copyFrom(MemorySegment source) {
        requireWritable();
        MemorySegment target = segment();
        if (source.byteSize() < target.byteSize()) {
            throw TensorErrors.wrongBytes(dtype, dims, source.byteSize(), target.byteSize() + " bytes or more");
        }
        MemorySegment.copy(source, 0, target, 0, target.byteSize());
    }

    /**
     * This with other dimensions; the elements are shared.
     *
     * @param newDims dimensions of the same product; none for a scalar
     * @return the tensor
     * @throws InvalidTensorException if the product differs
     */
    public Tensor reshape(long... newDims) {
        long[] owned = newDims.clone();
        long count = count(dtype, owned);
        if (count != size) {
            throw TensorErrors.badReshape(this, owned, count);
        }
        Tensor shared = strings != null
                ? new Tensor(owned, size, strings, readOnly)
                : widened != null ? new Tensor(owned, size, widened) : new Tensor(dtype, owned, size, data);
        return shared.counted();
    }

    /**
     * A range of this along the first dimension; the elements are shared.
     *
     * @param from the first index, at least 0
     * @param to the index after the last, at most {@code dim(0)}
     * @return the tensor, of the same rank
     * @throws InvalidTensorException if this is a scalar, the range is not within the dimension, or sub-byte elements
     *     would start or end inside of a byte
     */
    public Tensor slice(long from, long to) {
        long rows = dim(0);
        if (from < 0 || to < from || to > rows) {
            throw TensorErrors.noRange(this, from, to);
        }
        long[] newDims = dims.clone();
        newDims[0] = to - from;
        long row = rows == 0 ? 0 : size / rows;
        long count = row * (to - from);
        if (strings != null) {
            return new Tensor(newDims, count, strings.from(row * from), readOnly).counted();
        }
        boolean cut = (count > 0 && !startsByte(row * from)) || (to < rows && !startsByte(row * to));
        if (dtype.isSubByte() && cut) {
            throw TensorErrors.cutByte(this, from, to);
        }
        long offset = count == 0 ? 0 : dtype.byteSize(row * from);
        return new Tensor(dtype, newDims, count, segment().asSlice(offset, dtype.byteSize(count))).counted();
    }

    private boolean startsByte(long element) {
        return !dtype.isSubByte() || element % (8 / dtype.bits()) == 0;
    }

    /**
     * The elements at one index of the first dimension, as a tensor of the other dimensions: shared, or copied if they do
     * not start at a whole byte.
     */
    Tensor row(long i, long[] rowDims) {
        long count = count(dtype, rowDims);
        if (startsByte(i * count) && startsByte(count)) {
            return slice(i, i + 1).reshape(rowDims);
        }
        Tensor out = allocate(dtype, rowDims);
        for (long j = 0; j < count; j++) {
            copyElementTo(i * count + j, out, j);
        }
        return out;
    }

    /**
     * A copy on the heap.
     *
     * @return a writable tensor that shares nothing with this
     * @throws ResourceLimitException if the heap or an array can't hold it
     */
    @Override
    public Tensor copy() {
        Tensor out = allocate(dtype, dims);
        copyTo(out);
        return out;
    }

    /** {@return a read-only tensor over the same elements; this itself if it is read-only} */
    public Tensor asReadOnly() {
        if (readOnly) {
            return this;
        }
        Tensor shared = strings == null
                ? new Tensor(dtype, dims, size, data.asReadOnly())
                : new Tensor(dims, size, strings, true);
        return shared.counted();
    }

    /**
     * Whether another tensor has the same type, dimensions and element bits. So NaN equals the same NaN, and 0 differs
     * from -0. The padding of sub-byte elements does not count.
     *
     * @param other the other tensor
     * @return whether it does
     */
    public boolean contentEquals(Tensor other) {
        if (dtype != other.dtype || !Arrays.equals(dims, other.dims)) {
            return false;
        }
        return strings != null
                ? strings.startsLike(other.strings, size)
                : ElementBits.equal(dtype, segment(), other.segment(), size);
    }

    /** {@return the type and the first ten elements: <code>f32[2,3] {0.1, 0.2, …}</code>} */
    @Override
    public String toString() {
        return TensorText.of(this);
    }
}
