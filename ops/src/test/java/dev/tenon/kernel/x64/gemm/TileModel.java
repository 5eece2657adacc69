package dev.tenon.kernel.x64.gemm;

import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The same products by scalar arithmetic: one sum after the other, term by term. */
final class TileModel {
    private final TileCase c;
    private final int[] a;
    private final int[] b;
    private final int[] before;
    private final int[] bias;
    private final int[] residual;
    private final int[] columnSums;
    private final int[] columnZeros;
    private final int[] columnScales;
    private final int[] columnAddends;
    private final int[] rowZeros;
    private final int[] rowSums;
    private final int[] rowScales;

    private TileModel(TileMemory memory, TileCase c, boolean last) {
        this.c = c;
        MemorySegment rows = memory.part(TileArgument.A, c, last);
        a = new int[c.m() * c.segments() * c.steps()];
        for (int i = 0; i < a.length; i++) {
            int row = i / (c.segments() * c.steps());
            int step = i % (c.segments() * c.steps());
            int segment = step / c.steps();
            int at = row * c.aRow() + segment * c.skip() + step * Integer.BYTES;
            a[i] = rows.get(ValueLayout.JAVA_INT_UNALIGNED, at);
        }
        b = words(memory, TileArgument.B, last);
        before = c.ends().resultBytes() == 1 ? null : memory.before(c).toArray(ValueLayout.JAVA_INT_UNALIGNED);
        bias = words(memory, TileArgument.BIAS, last);
        residual = words(memory, TileArgument.RESIDUAL, last);
        columnSums = words(memory, TileArgument.COLUMN_SUMS, last);
        columnZeros = words(memory, TileArgument.COLUMN_ZEROS, last);
        columnScales = words(memory, TileArgument.COLUMN_SCALES, last);
        columnAddends = words(memory, TileArgument.COLUMN_ADDENDS, last);
        rowZeros = words(memory, TileArgument.ROW_ZEROS, last);
        rowSums = words(memory, TileArgument.ROW_SUMS, last);
        rowScales = words(memory, TileArgument.ROW_SCALES, last);
    }

    private int[] words(TileMemory memory, TileArgument operand, boolean last) {
        return memory.part(operand, c, last).toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }

    /** All bytes of the result, those between rows too. */
    static byte[] result(TileMemory memory, TileCase c, boolean last) {
        return new TileModel(memory, c, last).result(memory);
    }

    private byte[] result(TileMemory memory) {
        byte[] bytes = memory.before(c).toArray(ValueLayout.JAVA_BYTE);
        MemorySegment result = MemorySegment.ofArray(bytes);
        for (int i = 0; i < c.m(); i++) {
            for (int j = 0; j < c.n(); j++) {
                int value =
                        switch (c.ends()) {
                            case IntegerEnds e -> integerEnds(e, i, j);
                            case RequantizingEnds e -> requantizingEnds(e, i, j);
                            default -> floatEnds(i, j);
                        };
                int at = i * c.cRow() + j * c.ends().resultBytes();
                if (c.ends().resultBytes() == 1) {
                    bytes[at] = (byte) value;
                } else {
                    result.set(ValueLayout.JAVA_INT_UNALIGNED, at, value);
                }
            }
        }
        return bytes;
    }

    private int sum(int first, int i, int j) {
        if (c.product() instanceof AmxOperands p && p.amx() == AmxProduct.BF16) {
            return bits(number(first) + chunks(i, j));
        }
        int terms = c.segments() * c.steps();
        if (c.product() instanceof FloatProduct p && p.panels() != DType.FLOAT32) {
            return widened(first, i, j, p.panels() == DType.FLOAT16);
        }
        int columns = c.panelColumns();
        int from = j / columns * (c.panelBytes() / Integer.BYTES) + j % columns;
        int sum = first;
        for (int s = 0; s < terms; s++) {
            int left = a[i * terms + s];
            int right = b[from + s * columns];
            sum = switch (c.product()) {
                case FloatProduct _ -> bits(Math.fma(number(left), number(right), number(sum)));
                case ByteProduct p -> sum + fourBytes(left, right, p.signedA());
                case AmxOperands p ->
                    sum + (p.amx() == AmxProduct.S8S8 ? signedBytes(left, right) : fourBytes(left, right, false));
                case PairProduct p -> sum + fourBytes(left, right, p.signedA());
                case WordProduct _ -> sum + (short) left * (short) right + (left >> 16) * (right >> 16);
                default -> bits(twoShorts(number(sum), left, right));
            };
        }
        return sum;
    }

    /** A sum of products with numbers of 16 bits, each of which is widened first. */
    private int widened(int first, int i, int j, boolean half) {
        int terms = c.segments() * c.steps();
        int columns = c.panelColumns();
        int from = j / columns * (c.panelBytes() / Short.BYTES) + j % columns;
        float sum = number(first);
        for (int s = 0; s < terms; s++) {
            int at = from + s * columns;
            short right = (short) (b[at / 2] >> at % 2 * Short.SIZE);
            sum = Math.fma(number(a[i * terms + s]), half ? Float.float16ToFloat(right) : number(right << 16), sum);
        }
        return bits(sum);
    }

    /** Tile registers add sums of 32 numbers: one of the even and one of the odd ones. */
    private float chunks(int i, int j) {
        int terms = c.segments() * c.steps();
        int from = j / c.panelColumns() * (c.panelBytes() / Integer.BYTES) + j % c.panelColumns();
        float sum = 0;
        for (int chunk = 0; chunk < terms; chunk += TileCase.CHUNK_STEPS) {
            float even = 0;
            float odd = 0;
            for (int s = chunk; s < Math.min(terms, chunk + TileCase.CHUNK_STEPS); s++) {
                int left = a[i * terms + s];
                int right = b[from + s * c.panelColumns()];
                even = flushed(Math.fma(flushed(number(left << 16)), flushed(number(right << 16)), even));
                odd = flushed(Math.fma(flushed(number(left & 0xFFFF_0000)), flushed(number(right & 0xFFFF_0000)), odd));
            }
            sum = flushed(sum + flushed(even + odd));
        }
        return sum;
    }

    private static int signedBytes(int left, int right) {
        int sum = 0;
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            sum += (byte) (left >> shift) * (byte) (right >> shift);
        }
        return sum;
    }

    private static int bits(float number) {
        return Float.floatToRawIntBits(number);
    }

    private static float number(int bits) {
        return Float.intBitsToFloat(bits);
    }

    /** Code adds 128 to signed bytes of A; their zero points are adjusted by the caller. */
    private static int fourBytes(int left, int right, boolean signed) {
        int unsigned = signed ? left ^ 0x8080_8080 : left;
        return (unsigned & 0xFF) * (byte) right
                + (unsigned >> 8 & 0xFF) * (byte) (right >> 8)
                + (unsigned >> 16 & 0xFF) * (byte) (right >> 16)
                + (unsigned >>> 24) * (right >> 24);
    }

    /**
     * The instruction adds the products of the upper numbers and then those of the lower ones, each by a fused multiply-add.
     * It takes denormal numbers for zero, and its results too.
     */
    static float twoShorts(float sum, int left, int right) {
        float upper = flushed(
                Math.fma(flushed(number(left & 0xFFFF_0000)), flushed(number(right & 0xFFFF_0000)), flushed(sum)));
        return flushed(Math.fma(flushed(number(left << 16)), flushed(number(right << 16)), upper));
    }

    private static float flushed(float value) {
        return Math.abs(value) < Float.MIN_NORMAL ? Math.copySign(0, value) : value;
    }

    private int floatEnds(int i, int j) {
        int first = c.has(TileArgument.CONTINUES)
                ? before[(i * c.cRow()) / Integer.BYTES + j]
                : c.has(TileArgument.BIAS) ? bias[c.firstColumn() + j] : 0;
        return bits(clipped(withResidual(number(sum(first, i, j)), i, j)));
    }

    private float withResidual(float value, int i, int j) {
        return c.has(TileArgument.RESIDUAL) ? value + number(residual[i * c.residualRow() / Float.BYTES + j]) : value;
    }

    private float clipped(float value) {
        if (!c.has(TileArgument.CLIPS)) {
            return value;
        }
        float low = c.least() > value ? c.least() : value;
        return c.greatest() < low ? c.greatest() : low;
    }

    private int integerEnds(IntegerEnds ends, int i, int j) {
        int column = c.firstColumn() + j;
        int first = columnSums[column] * rowZeros[c.has(TileArgument.ROW_ZERO_STEP) ? i : 0];
        first += c.has(TileArgument.BIAS) ? bias[column] : 0;
        int sum = sum(first, i, j) + (c.has(TileArgument.COLUMN_ZEROS) ? columnZeros[column] * rowSums[i] : 0);
        if (ends.result() == IntegerEnds.Result.INT32) {
            return sum;
        }
        float value = sum;
        if (c.has(TileArgument.ROW_SCALES)) {
            value *= number(rowScales[c.has(TileArgument.ROW_SCALE_STEP) ? i : 0]);
        }
        value *= c.has(TileArgument.COLUMN_SCALES) ? number(columnScales[column]) : 1;
        if (c.has(TileArgument.COLUMN_ADDENDS)) {
            value += number(columnAddends[column]);
        }
        value = clipped(withResidual(value, i, j));
        return ends.result() == IntegerEnds.Result.FLOAT32 ? bits(value) : nearest(value) + c.resultZero();
    }

    private int requantizingEnds(RequantizingEnds ends, int i, int j) {
        int column = c.firstColumn() + j;
        float value = sum(bias[column], i, j) * number(columnScales[column]);
        value = c.has(TileArgument.CLIPS) ? Math.min(value, c.greatest()) : value;
        int rounded = Math.clamp(nearest(value), Short.MIN_VALUE, Short.MAX_VALUE);
        int moved = Math.clamp((long) rounded + c.resultZero(), Short.MIN_VALUE, Short.MAX_VALUE);
        return ends.signed() ? Math.clamp(moved, Byte.MIN_VALUE, Byte.MAX_VALUE) : Math.clamp(moved, 0, 0xFF);
    }

    /** The nearest integer, ties to even; the least one for a number that has none. */
    private static int nearest(float value) {
        double rounded = Math.rint(value);
        return rounded >= Integer.MIN_VALUE && rounded <= Integer.MAX_VALUE ? (int) rounded : Integer.MIN_VALUE;
    }
}
