package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.Floats.F32;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.ResizeProblem;
import dev.tenon.kernel.RowParts;
import dev.tenon.op.vision.ResizeTaps;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Resizing of planes to no fewer rows and columns, where an element is made of at most two along each axis. As many elements
 * of a row as a vector holds are made of no more neighbouring ones, so that a vector of those is loaded and its lanes are
 * moved to where they count. Some rows are made as wide as those of the result in scratch memory that the first-level cache
 * holds, and those are made of them two by two.
 */
public final class VectorUpsample implements Kernel {
    private static final int LANES = VectorShape.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT;
    private static final long PART_ELEMENTS = 32 << 10;

    /** Elements that are read, kept and written together, about: the first-level cache holds them. */
    private static final int ELEMENTS = 6 << 10;

    private static final int FEWEST_ROWS = 4;

    /** The rows that loops are rehearsed with. */
    static final int ROWS = 8;

    /** The taps of an axis, the first and the last of each element: the same one where there is one, with half its weight. */
    private record Pairs(int[] first, int[] last, float[] firstWeight, float[] lastWeight) {
        private static Pairs of(ResizeTaps taps) {
            int count = taps.output();
            Pairs pairs = new Pairs(new int[count], new int[count], new float[count], new float[count]);
            for (int o = 0; o < count; o++) {
                int from = taps.start()[o];
                int last = taps.start()[o + 1] - 1;
                pairs.first[o] = taps.index()[from];
                pairs.last[o] = taps.index()[last];
                // A weight of 0 would make NaN of infinity.
                double share = from == last ? 1.0 / 2 : 1;
                pairs.firstWeight[o] = (float) (taps.weight()[from] * share);
                pairs.lastWeight[o] = (float) (taps.weight()[last] * share);
            }
            return pairs;
        }
    }

    private final ResizeProblem p;
    private final RowParts split;
    private final Pairs rows;
    private final Pairs columns;
    private final int width;
    private final int vectors;

    /** Of each vector of a row, the element that a vector is loaded from, and the lanes that its lanes come from. */
    private final int[] firstAt;

    private final float[] firstLanes;
    private final float[] firstWeights;
    private final int[] lastAt;
    private final float[] lastLanes;
    private final float[] lastWeights;

    /** Rows of the result that are made together. */
    private final int band;

    private final long inBytes;
    private final long outBytes;

    /** Of a row of whole vectors as wide as those of the result, or wider. */
    private final long wideBytes;

    /** Where in scratch memory results lie whose vectors go beyond memory, and copies of elements whose vectors do. */
    private final long resultsAt;

    private final long copyAt;
    private final long scratchBytes;

    private VectorUpsample(ResizeProblem p) {
        this.p = p;
        rows = Pairs.of(p.rows());
        columns = Pairs.of(p.columns());
        width = p.columns().output();
        vectors = Math.ceilDiv(width, LANES);
        inBytes = (long) p.columns().input() * Float.BYTES;
        outBytes = (long) width * Float.BYTES;
        wideBytes = vectors * VECTOR;
        firstAt = starts(columns.first);
        firstLanes = lanes(columns.first, firstAt);
        firstWeights = Arrays.copyOf(columns.firstWeight, vectors * LANES);
        lastAt = starts(columns.last);
        lastLanes = lanes(columns.last, lastAt);
        lastWeights = Arrays.copyOf(columns.lastWeight, vectors * LANES);
        int height = p.rows().output();
        int perRow = p.columns().input() + 2 * width;
        band = Math.clamp(ELEMENTS / perRow, Math.min(FEWEST_ROWS, height), height);
        int inputs = 0;
        for (int i = 0; i < height; i++) {
            inputs = Math.max(inputs, rows.last[Math.min(height, i + band) - 1] - rows.first[i] + 1);
        }
        resultsAt = p.move() ? 0 : inputs * wideBytes;
        copyAt = resultsAt + 2 * (wideBytes + VECTOR);
        scratchBytes = copyAt + inputs * inBytes + VECTOR;
        split = RowParts.of(p.outer() * height, width, PART_ELEMENTS);
    }

    private int[] starts(int[] index) {
        int[] starts = new int[vectors];
        for (int v = 0; v < vectors; v++) {
            starts[v] = index[v * LANES];
        }
        return starts;
    }

    private static float[] lanes(int[] index, int[] starts) {
        float[] lanes = new float[starts.length * LANES];
        for (int j = 0; j < index.length; j++) {
            lanes[j] = index[j] - starts[j / LANES];
        }
        return lanes;
    }

    /**
     * A kernel.
     *
     * @param p planes of single elements, with taps that go on by at most one from element to element
     * @return the kernel
     */
    public static Kernel of(ResizeProblem p) {
        return new VectorUpsample(p);
    }

    @Override
    public String id() {
        return "resize_f32_up_vector" + VectorShape.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return 1 + split.most() * width / LANES;
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        run((p.move() ? Rehearsals.NEAREST : Rehearsals.LINEAR).over(), operands, scratch, from, to);
    }

    /** The same by loops on vectors if they are compiled, else by plain ones with the same bits. */
    void run(boolean compiled, MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        int height = p.rows().output();
        long end = split.start(to);
        for (long row = split.start(from); row < end; ) {
            int first = (int) (row % height);
            int count = (int) Math.min(Math.min(band, height - first), end - row);
            band(compiled, operands, row / height, first, count, end * outBytes, scratch);
            row += count;
        }
    }

    /** Makes neighbouring rows of the result of a plane. */
    private void band(
            boolean compiled,
            MemorySegment[] operands,
            long plane,
            int first,
            int count,
            long end,
            MemorySegment scratch) {
        int top = rows.first[first];
        int inputs = rows.last[first + count - 1] - top + 1;
        long from = (plane * p.rows().input() + top) * inBytes;
        MemorySegment x = operands[0];
        if (from + inputs * inBytes + VECTOR > x.byteSize()) {
            MemorySegment.copy(x, from, scratch, copyAt, inputs * inBytes);
            x = scratch;
            from = copyAt;
        }
        if (!p.move()) {
            widen(compiled, x, from, inputs, scratch);
        }
        MemorySegment y = operands[p.output()];
        long to = (plane * p.rows().output() + first) * outBytes;
        // Rows whose last vector goes beyond the results of this part come by way of scratch memory.
        long free = end - to - wideBytes;
        int whole = free < 0 ? 0 : (int) Math.min(count, free / outBytes + 1);
        rows(compiled, x, from, top, first, whole, scratch, y, to);
        if (whole < count) {
            rows(compiled, x, from, top, first + whole, count - whole, scratch, scratch, resultsAt);
            MemorySegment.copy(scratch, resultsAt, y, to + whole * outBytes, (count - whole) * outBytes);
        }
    }

    private void widen(boolean compiled, MemorySegment x, long from, int inputs, MemorySegment scratch) {
        if (compiled) {
            widenVectors(x, from, inputs, scratch);
            return;
        }
        for (int i = 0; i < inputs; i++) {
            long row = from + i * inBytes;
            for (int j = 0; j < width; j++) {
                float low = x.get(SCALAR, row + columns.first[j] * (long) Float.BYTES);
                float high = x.get(SCALAR, row + columns.last[j] * (long) Float.BYTES);
                float wide = Math.fma(high, lastWeights[j], low * firstWeights[j]);
                scratch.set(SCALAR, i * wideBytes + (long) j * Float.BYTES, wide);
            }
        }
    }

    private void rows(
            boolean compiled,
            MemorySegment x,
            long from,
            int top,
            int first,
            int count,
            MemorySegment scratch,
            MemorySegment y,
            long to) {
        if (p.move() && compiled) {
            moveVectors(x, from - top * inBytes, first, count, y, to);
        } else if (compiled) {
            mixVectors(scratch, top, first, count, y, to);
        } else {
            for (int i = 0; i < count; i++) {
                row(x, from, top, first + i, scratch, y, to + i * outBytes);
            }
        }
    }

    /** Makes a row of the result by plain loops. */
    private void row(MemorySegment x, long from, int top, int i, MemorySegment scratch, MemorySegment y, long to) {
        long a = (rows.first[i] - top) * (p.move() ? inBytes : wideBytes);
        long b = (rows.last[i] - top) * wideBytes;
        for (int j = 0; j < width; j++) {
            long column = (long) j * Float.BYTES;
            if (p.move()) {
                y.set(BITS, to + column, x.get(BITS, from + a + columns.first[j] * (long) Float.BYTES));
            } else {
                float low = scratch.get(SCALAR, a + column) * rows.firstWeight[i];
                y.set(SCALAR, to + column, Math.fma(scratch.get(SCALAR, b + column), rows.lastWeight[i], low));
            }
        }
    }

    /** Makes rows of single elements; vectors from the right, so that the next row overwrites what goes beyond one. */
    void moveVectors(MemorySegment x, long from, int first, int count, MemorySegment y, long to) {
        int[] row = rows.first;
        MemorySegment target = y.asSlice(to);
        for (int v = vectors - 1; v >= 0; v--) {
            FloatVector lanes = FloatVector.fromArray(F32, firstLanes, v * LANES);
            long at = from + firstAt[v] * (long) Float.BYTES;
            for (int i = 0; i < count; i++) {
                lanes.selectFrom(FloatVector.fromMemorySegment(F32, x, at + row[first + i] * inBytes, ORDER))
                        .intoMemorySegment(target, v * VECTOR + i * outBytes, ORDER);
            }
        }
    }

    /** Makes rows in scratch memory as wide as those of the result, and filled up to whole vectors. */
    void widenVectors(MemorySegment x, long from, int inputs, MemorySegment scratch) {
        MemorySegment source = x.asSlice(from);
        MemorySegment target = scratch.asSlice(0);
        for (int v = 0; v < vectors; v++) {
            FloatVector first = FloatVector.fromArray(F32, firstLanes, v * LANES);
            FloatVector last = FloatVector.fromArray(F32, lastLanes, v * LANES);
            FloatVector firstWeight = FloatVector.fromArray(F32, firstWeights, v * LANES);
            FloatVector lastWeight = FloatVector.fromArray(F32, lastWeights, v * LANES);
            long a = firstAt[v] * (long) Float.BYTES;
            long b = lastAt[v] * (long) Float.BYTES;
            for (int i = 0; i < inputs; i++) {
                FloatVector low = FloatVector.fromMemorySegment(F32, source, a + i * inBytes, ORDER);
                FloatVector high = FloatVector.fromMemorySegment(F32, source, b + i * inBytes, ORDER);
                last.selectFrom(high)
                        .fma(lastWeight, first.selectFrom(low).mul(firstWeight))
                        .intoMemorySegment(target, v * VECTOR + i * wideBytes, ORDER);
            }
        }
    }

    /** Makes rows that are weighted sums of two wide ones. What goes beyond one is overwritten by the next. */
    void mixVectors(MemorySegment scratch, int top, int first, int count, MemorySegment y, long to) {
        MemorySegment source = scratch.asSlice(0);
        MemorySegment target = y.asSlice(to);
        for (int i = 0; i < count; i++) {
            int row = first + i;
            long a = (rows.first[row] - top) * wideBytes;
            long b = (rows.last[row] - top) * wideBytes;
            FloatVector aWeight = FloatVector.broadcast(F32, rows.firstWeight[row]);
            FloatVector bWeight = FloatVector.broadcast(F32, rows.lastWeight[row]);
            for (int v = 0; v < vectors; v++) {
                FloatVector.fromMemorySegment(F32, source, b + v * VECTOR, ORDER)
                        .fma(
                                bWeight,
                                FloatVector.fromMemorySegment(F32, source, a + v * VECTOR, ORDER)
                                        .mul(aWeight))
                        .intoMemorySegment(target, i * outBytes + v * VECTOR, ORDER);
            }
        }
    }

    /**
     * Planes that loops are rehearsed with.
     *
     * @return a kernel that makes eight rows of a vector twice as high and as wide
     */
    static VectorUpsample rehearsed() {
        return new VectorUpsample(new ResizeProblem(1, twice(ROWS), twice(LANES), 1, false, 1));
    }

    private static ResizeTaps twice(int count) {
        int[] start = new int[2 * count + 1];
        int[] index = new int[2 * count];
        double[] weight = new double[2 * count];
        for (int o = 0; o < index.length; o++) {
            start[o + 1] = o + 1;
            index[o] = o / 2;
            weight[o] = 1;
        }
        return new ResizeTaps(count, start, index, weight);
    }
}
