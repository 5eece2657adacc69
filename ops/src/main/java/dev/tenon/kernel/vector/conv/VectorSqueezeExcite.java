package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.conv.SqueezeExciteProblem;
import dev.tenon.kernel.conv.SqueezeExciteProblem.Loops;
import dev.tenon.kernel.conv.SqueezeExciteProblem.Planes;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.reduce.RowReductions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Gates on float32 planes in three stages: sums of blocks of the planes, gates of each instance, scaled planes.
 *
 * <p>Channels that lie last are added up in rows of as many pixels as make whole vectors, so that the lanes of a row's
 * vectors are always the same channels. What is left behind the last row goes with the last block, element by element.
 * Channels that lie behind the instances are added up plane by plane.
 */
public final class VectorSqueezeExcite implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long STEP = (long) SimdSpecies.LANES * Float.BYTES;
    private static final long LINE = 64;
    private static final long BLOCK_ELEMENTS = 32 << 10;

    /** Rows of one chain of additions. */
    private static final long CHAIN = 64;

    private static final long ELEMENTS_PER_NANO = 8;
    private static final long MULTIPLY_ADDS_PER_NANO = 8;
    private static final long PLANE_NANOS = 20;

    /** Every accumulator starts from an element of its own: one zero for all would be kept as an object. */
    private static final float[] ZEROS = new float[4];

    /** A step of what makes the gates of an instance from its means. */
    private interface Step {
        void run(
                VectorSqueezeExcite kernel,
                MemorySegment[] operands,
                MemorySegment shared,
                MemorySegment scratch,
                int instance);
    }

    /**
     * The steps, which the compiler does not see through an array: in one method they would be too many to compile into it
     * all that they call, and vectors would become objects.
     */
    private static final Step[] GATES = {
        VectorSqueezeExcite::average,
        VectorSqueezeExcite::multiplyFirst,
        VectorSqueezeExcite::squeezed,
        VectorSqueezeExcite::multiplySecond,
        VectorSqueezeExcite::excited
    };

    private final SqueezeExciteProblem p;
    private final Planes planes;
    private final Loops loops;
    private final int lanes;
    /** Whether this is the stage of sums, else that of gates. */
    private final boolean summing;

    private final Kernel next;

    /** Elements of a row of sums: with channels last a multiple of them that is whole vectors. */
    private final long row;

    /** Rows of an instance, and how they are cut into blocks; with channels first the planes of all instances. */
    private final RowPartition split;

    /** Rows of sums of an instance. */
    private final int blocks;

    private VectorSqueezeExcite(SqueezeExciteProblem p, Loops loops, int lanes, boolean summing) {
        this.p = p;
        this.planes = p.planes();
        this.loops = loops;
        this.lanes = lanes;
        this.summing = summing;
        this.next = summing ? new VectorSqueezeExcite(p, loops, lanes, false) : p.scale();
        if (planes.last()) {
            row = (long) planes.channels() * lanes / common(planes.channels(), lanes);
            split = RowPartition.of(planes.size() / row, row, BLOCK_ELEMENTS);
            blocks = split.parts();
        } else {
            row = SqueezeExciteProblem.padded(planes.channels());
            split = RowPartition.of((long) planes.instances() * planes.channels(), planes.pixels(), BLOCK_ELEMENTS);
            blocks = 1;
        }
    }

    /** The largest power of two that divides both. */
    private static int common(int a, int b) {
        return Integer.lowestOneBit(a | b);
    }

    /**
     * A kernel.
     *
     * @param p planes, and weights in panels
     * @param loops the functions
     * @param lanes the float32 lanes of a vector
     * @return the kernel
     */
    public static Kernel of(SqueezeExciteProblem p, Loops loops, int lanes) {
        return new VectorSqueezeExcite(p, loops, lanes, true);
    }

    @Override
    public String id() {
        return "squeeze_excite_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public Kernel next() {
        return next;
    }

    @Override
    public int parts() {
        if (!summing) {
            return planes.instances();
        }
        return planes.last() ? planes.instances() * blocks : split.parts();
    }

    @Override
    public long partNanos() {
        if (!summing) {
            return 1 + (blocks * row + 2L * planes.channels() * p.squeezed()) / MULTIPLY_ADDS_PER_NANO;
        }
        return planes.last()
                ? 1 + split.most() * row / ELEMENTS_PER_NANO
                : split.most() * (planes.pixels() / ELEMENTS_PER_NANO + PLANE_NANOS);
    }

    // Scratch memory: a row, or a vector to sum up; the means, which become the gates; what is between the products.

    private long meansAt() {
        return Math.max(row * Float.BYTES, STEP) + LINE - 1 & -LINE;
    }

    private long squeezedAt() {
        return meansAt() + (long) SqueezeExciteProblem.padded(planes.channels()) * Float.BYTES;
    }

    @Override
    public long scratchBytes() {
        long own = squeezedAt() + (long) SqueezeExciteProblem.padded(p.squeezed()) * Float.BYTES;
        return Math.max(own, p.scale().scratchBytes());
    }

    // Shared memory: the gates, then for each instance the rows of sums of its blocks, or its means.

    private long sumsAt(long instance) {
        long gates = (long) planes.instances() * planes.channels() * Float.BYTES;
        return (gates + LINE - 1 & -LINE) + instance * blocks * row * Float.BYTES;
    }

    @Override
    public long sharedBytes() {
        return sumsAt(planes.instances());
    }

    @Override
    public boolean inPlace(int input, int output) {
        return p.scale().inPlace(input, output);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment shared = operands[operands.length - 1];
        if (summing) {
            squeeze(operands[0], shared, scratch, from, to);
            return;
        }
        for (int instance = from; instance < to; instance++) {
            for (Step step : GATES) {
                step.run(this, operands, shared, scratch, instance);
            }
        }
    }

    private void squeeze(MemorySegment x, MemorySegment shared, MemorySegment scratch, int from, int to) {
        if (planes.last()) {
            for (int part = from; part < to; part++) {
                int instance = part / blocks;
                int block = part % blocks;
                long start = instance * planes.size();
                long first = split.start(block);
                long end = split.start(block + 1);
                long target = sumsAt(instance) + block * row * Float.BYTES;
                addRows(x, start + first * row, end - first, shared, target);
                if (block == blocks - 1) {
                    addRest(x, start + end * row, planes.size() - end * row, shared, target);
                }
            }
            return;
        }
        for (long plane = split.start(from); plane < split.start(to); plane++) {
            double sum = RowReductions.sum(x, plane * planes.pixels() * Float.BYTES, planes.pixels(), scratch);
            long at = sumsAt(plane / planes.channels()) + plane % planes.channels() * Float.BYTES;
            shared.set(SCALAR, at, (float) (sum / planes.pixels()));
        }
    }

    /** Writes the sum of rows, or zeros if there are none. */
    private void addRows(MemorySegment x, long start, long rows, MemorySegment sums, long to) {
        long rowBytes = row * Float.BYTES;
        long at = start * Float.BYTES;
        long first = Math.min(CHAIN, rows);
        addChain(x, at, first, sums, to, false);
        for (long done = first; done < rows; done += CHAIN) {
            addChain(x, at + done * rowBytes, Math.min(CHAIN, rows - done), sums, to, true);
        }
    }

    private void addChain(MemorySegment x, long at, long rows, MemorySegment sums, long to, boolean more) {
        long rowBytes = row * Float.BYTES;
        long i = 0;
        for (; i + 4 * STEP <= rowBytes; i += 4 * STEP) {
            add4(x, at + i, rows, rowBytes, sums, to + i, more);
        }
        for (; i < rowBytes; i += STEP) {
            add1(x, at + i, rows, rowBytes, sums, to + i, more);
        }
    }

    private static void add4(
            MemorySegment x, long at, long rows, long rowBytes, MemorySegment sums, long to, boolean more) {
        x = NATIVE.cast(x);
        sums = NATIVE.cast(sums);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
        long place = at;
        for (long r = 0; r < rows; r++, place += rowBytes) {
            a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, LE)).add(a);
            b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + STEP, LE))
                    .add(b);
            c = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + 2 * STEP, LE))
                    .add(c);
            d = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + 3 * STEP, LE))
                    .add(d);
        }
        if (more) {
            a = FLOATS.cast(FloatVector.fromMemorySegment(F32, sums, to, LE)).add(a);
            b = FLOATS.cast(FloatVector.fromMemorySegment(F32, sums, to + STEP, LE))
                    .add(b);
            c = FLOATS.cast(FloatVector.fromMemorySegment(F32, sums, to + 2 * STEP, LE))
                    .add(c);
            d = FLOATS.cast(FloatVector.fromMemorySegment(F32, sums, to + 3 * STEP, LE))
                    .add(d);
        }
        FLOATS.cast(a).intoMemorySegment(sums, to, LE);
        FLOATS.cast(b).intoMemorySegment(sums, to + STEP, LE);
        FLOATS.cast(c).intoMemorySegment(sums, to + 2 * STEP, LE);
        FLOATS.cast(d).intoMemorySegment(sums, to + 3 * STEP, LE);
    }

    private static void add1(
            MemorySegment x, long at, long rows, long rowBytes, MemorySegment sums, long to, boolean more) {
        x = NATIVE.cast(x);
        sums = NATIVE.cast(sums);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        long place = at;
        long r = 0;
        for (; r + 2 <= rows; r += 2, place += 2 * rowBytes) {
            a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, LE)).add(a);
            b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + rowBytes, LE))
                    .add(b);
        }
        if (r < rows) {
            a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, LE)).add(a);
        }
        FloatVector sum = FLOATS.cast(a).add(b);
        if (more) {
            sum = FLOATS.cast(FloatVector.fromMemorySegment(F32, sums, to, LE)).add(sum);
        }
        sum.intoMemorySegment(sums, to, LE);
    }

    /** Adds fewer elements than a row has to the sum of rows. */
    private static void addRest(MemorySegment x, long start, long count, MemorySegment sums, long to) {
        for (long i = 0; i < count * Float.BYTES; i += Float.BYTES) {
            sums.set(SCALAR, to + i, sums.get(SCALAR, to + i) + x.get(SCALAR, start * Float.BYTES + i));
        }
    }

    private void average(MemorySegment[] operands, MemorySegment shared, MemorySegment scratch, int instance) {
        if (planes.last()) {
            total(shared, sumsAt(instance), scratch);
            fold(scratch, meansAt());
        } else {
            long bytes = (long) planes.channels() * Float.BYTES;
            MemorySegment.copy(shared, sumsAt(instance), scratch, meansAt(), bytes);
        }
    }

    private void multiplyFirst(MemorySegment[] operands, MemorySegment shared, MemorySegment scratch, int instance) {
        product(scratch, meansAt(), planes.channels(), operands[1], p.squeezed(), squeezedAt());
        plus(scratch, squeezedAt(), operands, p.firstBias(), p.squeezed());
    }

    private void squeezed(MemorySegment[] operands, MemorySegment shared, MemorySegment scratch, int instance) {
        int count = SqueezeExciteProblem.padded(p.squeezed());
        loops.squeeze().run(scratch, squeezedAt(), scratch, squeezedAt(), count);
    }

    private void multiplySecond(MemorySegment[] operands, MemorySegment shared, MemorySegment scratch, int instance) {
        product(scratch, squeezedAt(), p.squeezed(), operands[2], planes.channels(), meansAt());
        plus(scratch, meansAt(), operands, p.secondBias(), planes.channels());
    }

    private void excited(MemorySegment[] operands, MemorySegment shared, MemorySegment scratch, int instance) {
        int count = SqueezeExciteProblem.padded(planes.channels());
        loops.excite().run(scratch, meansAt(), scratch, meansAt(), count);
        long bytes = (long) planes.channels() * Float.BYTES;
        MemorySegment.copy(scratch, meansAt(), shared, instance * bytes, bytes);
    }

    /** Adds the rows of sums of an instance's blocks. */
    private void total(MemorySegment shared, long sums, MemorySegment scratch) {
        long rowBytes = row * Float.BYTES;
        for (long i = 0; i < rowBytes; i += STEP) {
            add1(shared, sums + i, blocks, rowBytes, scratch, i, false);
        }
    }

    /** Adds the elements of a row that belong to the same channel, and makes means of them. */
    private void fold(MemorySegment scratch, long means) {
        int channels = planes.channels();
        float count = planes.pixels();
        for (long c = 0; c < channels; c++) {
            float sum = 0;
            for (long i = c; i < row; i += channels) {
                sum += scratch.get(SCALAR, i * Float.BYTES);
            }
            scratch.set(SCALAR, means + c * Float.BYTES, sum / count);
        }
    }

    /** Writes the product of a vector with a matrix in panels, and what is left of the last panel. */
    private void product(MemorySegment scratch, long from, int length, MemorySegment panels, int columns, long to) {
        long panelBytes = length * STEP;
        long at = 0;
        long place = to;
        for (int column = 0; column < columns; column += lanes, at += panelBytes, place += STEP) {
            panel(scratch, from, length, panels, at, place);
        }
    }

    private static void panel(MemorySegment scratch, long from, int length, MemorySegment panels, long at, long to) {
        scratch = NATIVE.cast(scratch);
        panels = NATIVE.cast(panels);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
        long place = at;
        long factor = from;
        int i = 0;
        for (; i + 4 <= length; i += 4, place += 4 * STEP, factor += 4 * Float.BYTES) {
            a = FLOATS.cast(FloatVector.fromMemorySegment(F32, panels, place, LE))
                    .fma(factor(scratch, factor), a);
            b = FLOATS.cast(FloatVector.fromMemorySegment(F32, panels, place + STEP, LE))
                    .fma(factor(scratch, factor + Float.BYTES), b);
            c = FLOATS.cast(FloatVector.fromMemorySegment(F32, panels, place + 2 * STEP, LE))
                    .fma(factor(scratch, factor + 2 * Float.BYTES), c);
            d = FLOATS.cast(FloatVector.fromMemorySegment(F32, panels, place + 3 * STEP, LE))
                    .fma(factor(scratch, factor + 3 * Float.BYTES), d);
        }
        for (; i < length; i++, place += STEP, factor += Float.BYTES) {
            a = FLOATS.cast(FloatVector.fromMemorySegment(F32, panels, place, LE))
                    .fma(factor(scratch, factor), a);
        }
        FLOATS.cast(a).add(b).add(FLOATS.cast(c).add(d)).intoMemorySegment(scratch, to, LE);
    }

    private static FloatVector factor(MemorySegment scratch, long at) {
        return FloatVector.broadcast(F32, scratch.get(SCALAR, at));
    }

    private static void plus(MemorySegment scratch, long at, MemorySegment[] operands, int bias, int count) {
        scratch = NATIVE.cast(scratch);
        if (bias < 0) {
            return;
        }
        MemorySegment b = operands[bias];
        long end = (long) count * Float.BYTES;
        long i = 0;
        for (; i + STEP <= end; i += STEP) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, scratch, at + i, LE))
                    .add(FloatVector.fromMemorySegment(F32, b, i, LE))
                    .intoMemorySegment(scratch, at + i, LE);
        }
        for (; i < end; i += Float.BYTES) {
            scratch.set(SCALAR, at + i, scratch.get(SCALAR, at + i) + b.get(SCALAR, i));
        }
    }
}
