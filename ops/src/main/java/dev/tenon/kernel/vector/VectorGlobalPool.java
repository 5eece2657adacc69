package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.Floats.F32;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.PoolProblem;
import dev.tenon.kernel.RowParts;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Maxima and averages of whole float32 planes. Small planes, of which there are many, are summed up lane by lane, and the
 * lanes with each other without leaving the vector.
 */
public final class VectorGlobalPool implements Kernel {
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long PLANE_NANOS = 20;
    private static final long ELEMENTS_PER_NANO = 8;

    private static final int LANES = VectorShape.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** Elements of planes that are small. */
    private static final int SMALL = 256;

    /** The number of each lane. */
    private static final float[] INDEXES = new float[LANES];

    static {
        for (int i = 0; i < LANES; i++) {
            INDEXES[i] = i;
        }
    }

    private final PoolProblem p;
    private final RowParts split;
    private final long pixels;

    private VectorGlobalPool(PoolProblem p) {
        this.p = p;
        pixels = p.window().pixels();
        split = RowParts.of(p.planes(), pixels, PART_ELEMENTS);
    }

    /**
     * A kernel.
     *
     * @param p planes with one window each, that of all their elements
     * @return the kernel
     */
    public static Kernel of(PoolProblem p) {
        return new VectorGlobalPool(p);
    }

    @Override
    public String id() {
        return "pool_f32_global_vector" + VectorShape.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.most() * (pixels / ELEMENTS_PER_NANO + PLANE_NANOS);
    }

    @Override
    public long scratchBytes() {
        return Lanes.BYTES + (isSmall() ? pixels * Float.BYTES + VECTOR : 0);
    }

    private boolean isSmall() {
        return p.average() && pixels <= SMALL;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        long first = split.start(from);
        long end = split.start(to);
        if (isSmall()) {
            small(x, first, end, operands[1], scratch);
            return;
        }
        for (long i = first; i < end; i++) {
            long at = i * pixels * Float.BYTES;
            float result = p.average()
                    ? (float) (VectorRuns.sum(x, at, pixels, scratch) / pixels)
                    : VectorRuns.max(x, at, pixels);
            operands[1].set(SCALAR, i * Float.BYTES, result);
        }
    }

    private void small(MemorySegment x, long first, long end, MemorySegment y, MemorySegment scratch) {
        boolean compiled = Rehearsals.SMALL_PLANES.over();
        long bytes = pixels * Float.BYTES;
        // The last vector of a plane goes beyond it: beyond memory, planes are copied.
        long whole = Math.clamp((x.byteSize() - VECTOR) / bytes, first, end);
        averages(compiled, x, first * bytes, (int) (whole - first), y, first * Float.BYTES, scratch);
        for (long i = whole; i < end; i++) {
            MemorySegment.copy(x, i * bytes, scratch, Lanes.BYTES, bytes);
            averages(compiled, scratch, Lanes.BYTES, 1, y, i * Float.BYTES, scratch);
        }
    }

    private void averages(
            boolean compiled, MemorySegment x, long at, int planes, MemorySegment y, long to, MemorySegment scratch) {
        int elements = (int) pixels;
        if (compiled) {
            averageVectors(x, at, planes, elements, y, to);
            return;
        }
        for (int i = 0; i < planes; i++) {
            long plane = at + (long) i * elements * Float.BYTES;
            y.set(SCALAR, to + (long) i * Float.BYTES, plainAverage(x, plane, elements, scratch));
        }
    }

    /** The averages of planes: the elements that fill no vector first, then vector by vector. */
    static void averageVectors(MemorySegment x, long at, int planes, int elements, MemorySegment y, long to) {
        MemorySegment source = x.asSlice(at);
        MemorySegment target = y.asSlice(to);
        int rest = elements % LANES;
        long body = (long) (elements - rest) * Float.BYTES;
        for (int i = 0; i < planes; i++) {
            long plane = (long) i * elements * Float.BYTES;
            FloatVector sum = FloatVector.zero(F32)
                    .blend(
                            FloatVector.fromMemorySegment(F32, source, plane + body, ORDER),
                            FloatVector.fromArray(F32, INDEXES, 0).compare(VectorOperators.LT, (float) rest));
            for (long k = plane; k < plane + body; k += VECTOR) {
                sum = sum.add(FloatVector.fromMemorySegment(F32, source, k, ORDER));
            }
            if (LANES > 8) {
                sum = sum.add(sum.rearrange(LaneSwaps.BY_8));
            }
            if (LANES > 4) {
                sum = sum.add(sum.rearrange(LaneSwaps.BY_4));
            }
            sum = sum.add(sum.rearrange(LaneSwaps.BY_2));
            sum = sum.add(sum.rearrange(LaneSwaps.BY_1));
            target.set(SCALAR, (long) i * Float.BYTES, sum.lane(0) / elements);
        }
    }

    /** The same bits for one plane by plain loops. */
    static float plainAverage(MemorySegment x, long at, int elements, MemorySegment scratch) {
        int rest = elements % LANES;
        for (int lane = 0; lane < LANES; lane++) {
            float sum = lane < rest ? x.get(SCALAR, at + (long) (elements - rest + lane) * Float.BYTES) : 0;
            for (int k = lane; k < elements - rest; k += LANES) {
                sum += x.get(SCALAR, at + (long) k * Float.BYTES);
            }
            scratch.set(SCALAR, (long) lane * Float.BYTES, sum);
        }
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int lane = 0; lane < half; lane++) {
                float other = scratch.get(SCALAR, (long) (half + lane) * Float.BYTES);
                scratch.set(SCALAR, (long) lane * Float.BYTES, scratch.get(SCALAR, (long) lane * Float.BYTES) + other);
            }
        }
        return scratch.get(SCALAR, 0) / elements;
    }
}
