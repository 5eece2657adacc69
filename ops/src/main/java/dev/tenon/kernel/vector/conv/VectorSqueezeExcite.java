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
 * The squeeze-and-excitation block over float32 images in three stages: sums of blocks of pixels, gates of each
 * instance, scaled channels.
 *
 * <p>In the channels-last layout a row is as many pixels as make whole vectors, so that a lane of a row's vectors
 * always holds the same channel. Rows are added up; the elements after the last row are added to the last block one by
 * one. In the channels-first layout each plane is added up by itself.
 */
public final class VectorSqueezeExcite implements Kernel {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long VECTOR_BYTES = (long) SimdSpecies.LANES * Float.BYTES;
    private static final long ALIGNMENT = 64;
    private static final long BLOCK_ELEMENTS = 32 << 10;

    /** The rows of one chain of additions. */
    private static final long CHAIN_ROWS = 64;

    private static final long ELEMENTS_PER_NANO = 8;
    private static final long MULTIPLY_ADDS_PER_NANO = 8;
    private static final long PLANE_NANOS = 20;

    /** Every accumulator starts from an element of its own: C2 would keep a shared one as an object. */
    private static final float[] ZEROS = new float[4];

    /** A step from the means of an instance to its gates. */
    private interface Step {
        void run(
                VectorSqueezeExcite kernel,
                MemorySegment[] operands,
                MemorySegment shared,
                MemorySegment scratch,
                int instance);
    }

    /**
     * The steps. The compiler does not see through the array. In a single method it could not inline all that the steps
     * call, and vectors would become objects.
     */
    private static final Step[] GATES = {
        VectorSqueezeExcite::average,
        VectorSqueezeExcite::multiplyFirst,
        VectorSqueezeExcite::applySqueeze,
        VectorSqueezeExcite::multiplySecond,
        VectorSqueezeExcite::applyExcite
    };

    private final SqueezeExciteProblem p;
    private final Planes planes;
    private final Loops loops;
    private final int lanes;

    /** Whether this is the stage of sums, else that of gates. */
    private final boolean summing;

    private final Kernel next;

    /** The elements of a row of sums; in the channels-last layout a common multiple of channels and lanes. */
    private final long row;

    /** The split of the rows of an instance into blocks; in the channels-first layout, of all planes into parts. */
    private final RowPartition partition;

    /** The rows of sums of an instance. */
    private final int blocks;

    private VectorSqueezeExcite(SqueezeExciteProblem p, Loops loops, int lanes, boolean summing) {
        this.p = p;
        this.planes = p.planes();
        this.loops = loops;
        this.lanes = lanes;
        this.summing = summing;
        this.next = summing ? new VectorSqueezeExcite(p, loops, lanes, false) : p.scale();
        if (planes.channelsLast()) {
            row = (long) planes.channels() * lanes / commonPowerOfTwo(planes.channels(), lanes);
            partition = RowPartition.of(planes.elements() / row, row, BLOCK_ELEMENTS);
            blocks = partition.parts();
        } else {
            row = SqueezeExciteProblem.paddedChannels(planes.channels());
            partition = RowPartition.of((long) planes.instances() * planes.channels(), planes.pixels(), BLOCK_ELEMENTS);
            blocks = 1;
        }
    }

    /** The largest power of two that divides both. */
    private static int commonPowerOfTwo(int a, int b) {
        return Integer.lowestOneBit(a | b);
    }

    /**
     * The kernel of a problem.
     *
     * @param p the problem, with weights in panels
     * @param loops the activations
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
    public Kernel nextStage() {
        return next;
    }

    @Override
    public int parts() {
        if (!summing) {
            return planes.instances();
        }
        return planes.channelsLast() ? planes.instances() * blocks : partition.parts();
    }

    @Override
    public long partNanos() {
        if (!summing) {
            return 1 + (blocks * row + 2L * planes.channels() * p.squeezedChannels()) / MULTIPLY_ADDS_PER_NANO;
        }
        return planes.channelsLast()
                ? 1 + partition.maxPartRows() * row / ELEMENTS_PER_NANO
                : partition.maxPartRows() * (planes.pixels() / ELEMENTS_PER_NANO + PLANE_NANOS);
    }

    // Scratch memory: a row or a vector to add up; the means, which become the gates; the outputs of the first layer.

    private long meansOffset() {
        return Math.max(row * Float.BYTES, VECTOR_BYTES) + ALIGNMENT - 1 & -ALIGNMENT;
    }

    private long squeezedOffset() {
        return meansOffset() + (long) SqueezeExciteProblem.paddedChannels(planes.channels()) * Float.BYTES;
    }

    @Override
    public long scratchBytes() {
        long kernelBytes =
                squeezedOffset() + (long) SqueezeExciteProblem.paddedChannels(p.squeezedChannels()) * Float.BYTES;
        return Math.max(kernelBytes, p.scale().scratchBytes());
    }

    // Shared memory: the gates; then for each instance the rows of sums of its blocks, or its means.

    private long sumsOffset(long instance) {
        long gates = (long) planes.instances() * planes.channels() * Float.BYTES;
        return (gates + ALIGNMENT - 1 & -ALIGNMENT) + instance * blocks * row * Float.BYTES;
    }

    @Override
    public long sharedBytes() {
        return sumsOffset(planes.instances());
    }

    @Override
    public boolean inPlace(int input, int output) {
        return p.scale().inPlace(input, output);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment shared = operands[operands.length - 1];
        if (summing) {
            sumPlanes(operands[0], shared, scratch, from, to);
            return;
        }
        for (int instance = from; instance < to; instance++) {
            for (Step step : GATES) {
                step.run(this, operands, shared, scratch, instance);
            }
        }
    }

    private void sumPlanes(MemorySegment x, MemorySegment shared, MemorySegment scratch, int from, int to) {
        if (planes.channelsLast()) {
            for (int part = from; part < to; part++) {
                int instance = part / blocks;
                int block = part % blocks;
                long start = instance * planes.elements();
                long first = partition.start(block);
                long end = partition.start(block + 1);
                long target = sumsOffset(instance) + block * row * Float.BYTES;
                sumRows(x, start + first * row, end - first, shared, target);
                if (block == blocks - 1) {
                    addTail(x, start + end * row, planes.elements() - end * row, shared, target);
                }
            }
            return;
        }
        for (long plane = partition.start(from); plane < partition.start(to); plane++) {
            double sum = RowReductions.sum(x, plane * planes.pixels() * Float.BYTES, planes.pixels(), scratch);
            long at = sumsOffset(plane / planes.channels()) + plane % planes.channels() * Float.BYTES;
            shared.set(SCALAR, at, (float) (sum / planes.pixels()));
        }
    }

    /** Writes the sum of rows, or zeros if there are none. */
    private void sumRows(MemorySegment x, long start, long rows, MemorySegment sums, long to) {
        long rowBytes = row * Float.BYTES;
        long at = start * Float.BYTES;
        long first = Math.min(CHAIN_ROWS, rows);
        sumChain(x, at, first, sums, to, false);
        for (long done = first; done < rows; done += CHAIN_ROWS) {
            sumChain(x, at + done * rowBytes, Math.min(CHAIN_ROWS, rows - done), sums, to, true);
        }
    }

    private void sumChain(MemorySegment x, long at, long rows, MemorySegment sums, long to, boolean accumulate) {
        long rowBytes = row * Float.BYTES;
        for (long i = 0; i < rowBytes; i += VECTOR_BYTES) {
            sumVector(x, at + i, rows, rowBytes, sums, to + i, accumulate);
        }
    }

    /** Adds up a vector of each row, in two chains. */
    private static void sumVector(
            MemorySegment x, long at, long rows, long rowBytes, MemorySegment sums, long to, boolean accumulate) {
        x = NATIVE.cast(x);
        sums = NATIVE.cast(sums);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        long xOffset = at;
        long r = 0;
        for (; r + 2 <= rows; r += 2, xOffset += 2 * rowBytes) {
            a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER))
                    .add(a);
            b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xOffset + rowBytes, ORDER))
                    .add(b);
        }
        if (r < rows) {
            a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER))
                    .add(a);
        }
        FloatVector sum = FLOATS.cast(a).add(b);
        if (accumulate) {
            sum = FLOATS.cast(FloatVector.fromMemorySegment(F32, sums, to, ORDER))
                    .add(sum);
        }
        sum.intoMemorySegment(sums, to, ORDER);
    }

    /** Adds fewer elements than a row has to the sum of rows. */
    private static void addTail(MemorySegment x, long start, long count, MemorySegment sums, long to) {
        for (long i = 0; i < count * Float.BYTES; i += Float.BYTES) {
            sums.set(SCALAR, to + i, sums.get(SCALAR, to + i) + x.get(SCALAR, start * Float.BYTES + i));
        }
    }

    private void average(MemorySegment[] operands, MemorySegment shared, MemorySegment scratch, int instance) {
        if (planes.channelsLast()) {
            sumBlocks(shared, sumsOffset(instance), scratch);
            foldToMeans(scratch, meansOffset());
        } else {
            long bytes = (long) planes.channels() * Float.BYTES;
            MemorySegment.copy(shared, sumsOffset(instance), scratch, meansOffset(), bytes);
        }
    }

    private void multiplyFirst(MemorySegment[] operands, MemorySegment shared, MemorySegment scratch, int instance) {
        multiply(scratch, meansOffset(), planes.channels(), operands[1], p.squeezedChannels(), squeezedOffset());
        addBias(scratch, squeezedOffset(), operands, p.firstBias(), p.squeezedChannels());
    }

    private void applySqueeze(MemorySegment[] operands, MemorySegment shared, MemorySegment scratch, int instance) {
        int count = SqueezeExciteProblem.paddedChannels(p.squeezedChannels());
        loops.squeeze().run(scratch, squeezedOffset(), scratch, squeezedOffset(), count);
    }

    private void multiplySecond(MemorySegment[] operands, MemorySegment shared, MemorySegment scratch, int instance) {
        multiply(scratch, squeezedOffset(), p.squeezedChannels(), operands[2], planes.channels(), meansOffset());
        addBias(scratch, meansOffset(), operands, p.secondBias(), planes.channels());
    }

    private void applyExcite(MemorySegment[] operands, MemorySegment shared, MemorySegment scratch, int instance) {
        int count = SqueezeExciteProblem.paddedChannels(planes.channels());
        loops.excite().run(scratch, meansOffset(), scratch, meansOffset(), count);
        long bytes = (long) planes.channels() * Float.BYTES;
        MemorySegment.copy(scratch, meansOffset(), shared, instance * bytes, bytes);
    }

    /** Adds up the rows of sums of an instance's blocks. */
    private void sumBlocks(MemorySegment shared, long sums, MemorySegment scratch) {
        long rowBytes = row * Float.BYTES;
        for (long i = 0; i < rowBytes; i += VECTOR_BYTES) {
            sumVector(shared, sums + i, blocks, rowBytes, scratch, i, false);
        }
    }

    /** Adds the elements of a row that belong to the same channel, and divides by their number. */
    private void foldToMeans(MemorySegment scratch, long means) {
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

    /** Writes the product of a vector with a matrix in panels, including the padding of the last panel. */
    private void multiply(MemorySegment scratch, long from, int length, MemorySegment panels, int columns, long to) {
        long panelBytes = length * VECTOR_BYTES;
        long at = 0;
        long xOffset = to;
        for (int column = 0; column < columns; column += lanes, at += panelBytes, xOffset += VECTOR_BYTES) {
            multiplyPanel(scratch, from, length, panels, at, xOffset);
        }
    }

    private static void multiplyPanel(
            MemorySegment scratch, long from, int length, MemorySegment panels, long at, long to) {
        scratch = NATIVE.cast(scratch);
        panels = NATIVE.cast(panels);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
        long xOffset = at;
        long factor = from;
        int i = 0;
        for (; i + 4 <= length; i += 4, xOffset += 4 * VECTOR_BYTES, factor += 4 * Float.BYTES) {
            a = FLOATS.cast(FloatVector.fromMemorySegment(F32, panels, xOffset, ORDER))
                    .fma(factor(scratch, factor), a);
            b = FLOATS.cast(FloatVector.fromMemorySegment(F32, panels, xOffset + VECTOR_BYTES, ORDER))
                    .fma(factor(scratch, factor + Float.BYTES), b);
            c = FLOATS.cast(FloatVector.fromMemorySegment(F32, panels, xOffset + 2 * VECTOR_BYTES, ORDER))
                    .fma(factor(scratch, factor + 2 * Float.BYTES), c);
            d = FLOATS.cast(FloatVector.fromMemorySegment(F32, panels, xOffset + 3 * VECTOR_BYTES, ORDER))
                    .fma(factor(scratch, factor + 3 * Float.BYTES), d);
        }
        for (; i < length; i++, xOffset += VECTOR_BYTES, factor += Float.BYTES) {
            a = FLOATS.cast(FloatVector.fromMemorySegment(F32, panels, xOffset, ORDER))
                    .fma(factor(scratch, factor), a);
        }
        FLOATS.cast(a).add(b).add(FLOATS.cast(c).add(d)).intoMemorySegment(scratch, to, ORDER);
    }

    private static FloatVector factor(MemorySegment scratch, long at) {
        return FloatVector.broadcast(F32, scratch.get(SCALAR, at));
    }

    private static void addBias(MemorySegment scratch, long at, MemorySegment[] operands, int bias, int count) {
        scratch = NATIVE.cast(scratch);
        if (bias < 0) {
            return;
        }
        MemorySegment b = operands[bias];
        long end = (long) count * Float.BYTES;
        long i = 0;
        for (; i + VECTOR_BYTES <= end; i += VECTOR_BYTES) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, scratch, at + i, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, b, i, ORDER))
                    .intoMemorySegment(scratch, at + i, ORDER);
        }
        for (; i < end; i += Float.BYTES) {
            scratch.set(SCALAR, at + i, scratch.get(SCALAR, at + i) + b.get(SCALAR, i));
        }
    }
}
