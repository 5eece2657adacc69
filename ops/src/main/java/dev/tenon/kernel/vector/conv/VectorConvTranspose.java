package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.VectorGemm;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Transposed convolution of float32 planes as a matrix product, the weights of some output channels,
 * {@code [channels * taps, inputs]}, times some elements of the input, {@code [inputs, elements]}, each row of which is
 * then added to the output where its tap lies.
 *
 * <p>A part is some output channels of one group of one instance, so that no two parts write the same plane; within it
 * the elements of the input come in blocks, in order; behind each, the epilogue works on the rows of the output that no
 * later block reaches.
 */
public final class VectorConvTranspose implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int COLUMNS = VectorPanels.COLUMNS;
    private static final long ALIGNMENT = 64;

    /**
     * Bytes of panels and of their product that a block makes at most, where one panel is not more. The blocks are added
     * one after the other, so that this decides the order of sums and is the same on all machines.
     */
    private static final long BLOCK_BYTES = 1 << 18;

    private static final int PARTS = 8;
    private static final int LEAST_ROWS = 24;

    private final ConvProblem p;
    private final int taps;
    private final int windows;
    private final int block;
    private final int blocks;
    private final int channels;
    private final int channelBlocks;
    private final VectorGemm[] gemm;
    private final long panelsAt;
    private final long productAt;
    private final TileEpilogue epilogue;

    private VectorConvTranspose(ConvProblem p, Tiling tiling) {
        this.p = p;
        taps = (int) p.window().taps();
        windows = (int) p.window().windows();
        int planes = Math.multiplyExact(p.instances(), p.groups());
        int wanted = Math.ceilDiv(PARTS, Math.min(PARTS, planes));
        int few = Math.max(Math.ceilDiv(p.outputs(), wanted), Math.ceilDiv(LEAST_ROWS, taps));
        channels = Math.min(p.outputs(), few);
        channelBlocks = Math.ceilDiv(p.outputs(), channels);
        long panelBytes = Math.max(p.inputs(), (long) channels * taps) * COLUMNS * Float.BYTES;
        int panels = VectorPanels.panels(windows);
        int each = Math.clamp(BLOCK_BYTES / panelBytes, 1, panels);
        block = (int) Math.min(windows, (long) each * COLUMNS);
        blocks = Math.ceilDiv(windows, block);
        int lastChannels = p.outputs() - (channelBlocks - 1) * channels;
        int lastBlock = windows - (blocks - 1) * block;
        gemm = new VectorGemm[] {
            new VectorGemm(Math.multiplyExact(channels, taps), block, p.inputs(), tiling),
            new VectorGemm(channels * taps, lastBlock, p.inputs(), tiling),
            new VectorGemm(lastChannels * taps, block, p.inputs(), tiling),
            new VectorGemm(lastChannels * taps, lastBlock, p.inputs(), tiling)
        };
        panelsAt = up((long) channels * taps * p.inputs() * Float.BYTES);
        productAt = panelsAt + up(VectorPanels.byteSize(p.inputs(), block));
        Math.multiplyExact(planes, channelBlocks);
        epilogue = TileEpilogue.behind(p.epilogue(), ownBytes());
    }

    /**
     * A kernel.
     *
     * @param p the convolution that this is the adjoint of
     * @param tiling the sizes of blocks
     * @return the kernel
     */
    public static Kernel of(ConvProblem p, Tiling tiling) {
        return new VectorConvTranspose(p, tiling);
    }

    private static long up(long bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "convtranspose_f32_gemm_vector" + SimdSpecies.BITS);
    }

    @Override
    public String tiling() {
        return gemm[0].blocking().toString();
    }

    @Override
    public int parts() {
        return p.instances() * p.groups() * channelBlocks;
    }

    @Override
    public long partNanos() {
        long products = gemm[0].partNanos() * gemm[0].parts();
        return blocks * (products + (long) channels * taps * block + (long) p.inputs() * block / LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownBytes());
    }

    private long ownBytes() {
        return productAt + up((long) channels * taps * block * Float.BYTES);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int part = from; part < to; part++) {
            int plane = part / channelBlocks;
            int first = part % channelBlocks * channels;
            int count = Math.min(channels, p.outputs() - first);
            transpose(operands[1], plane % p.groups(), first, count, scratch);
            start(operands, plane, first, count);
            int done = 0;
            for (int b = 0; b < blocks; b++) {
                int last = (count < channels ? 2 : 0) + (b == blocks - 1 ? 1 : 0);
                add(operands, plane, first, count, b, gemm[last], scratch);
                int finished = finishedRows(b);
                if (epilogue != null && finished > done) {
                    close(operands, plane, first, count, done, finished, scratch);
                    done = finished;
                }
            }
        }
    }

    /** The rows of the output, from the first on, that no window behind a block reaches. */
    private int finishedRows(int b) {
        Window2d.Axis rows = p.window().rows();
        long next = (b + 1L) * block / p.window().columns().output();
        long reached = b == blocks - 1 ? rows.input() : next * rows.stride() - rows.padBegin();
        return Math.clamp(reached, 0, rows.input());
    }

    /** Lets the epilogue work on some rows of some planes. */
    private void close(
            MemorySegment[] operands, int plane, int first, int count, int from, int to, MemorySegment scratch) {
        int width = p.window().columns().input();
        long pixels = p.window().pixels();
        long at = ((long) plane * p.outputs() + first) * pixels + (long) from * width;
        epilogue.apply(operands[p.output()], at * Float.BYTES, count, (to - from) * width, pixels, operands, scratch);
    }

    /** Writes the weights of some channels, each tap of each a row. */
    private void transpose(MemorySegment w, int group, int first, int count, MemorySegment scratch) {
        int inputs = p.inputs();
        for (int c = 0; c < inputs; c++) {
            long from = ((long) group * inputs + c) * p.outputs() * taps + (long) first * taps;
            for (int i = 0; i < count * taps; i++) {
                scratch.set(SCALAR, ((long) i * inputs + c) * Float.BYTES, w.get(SCALAR, (from + i) * Float.BYTES));
            }
        }
    }

    private void start(MemorySegment[] operands, int plane, int first, int count) {
        for (int i = 0; i < count; i++) {
            long channel = (long) plane % p.groups() * p.outputs() + first + i;
            float bias = p.bias() < 0 ? 0 : operands[p.bias()].get(SCALAR, channel * Float.BYTES);
            long at = ((long) plane * p.outputs() + first + i) * p.window().pixels() * Float.BYTES;
            fill(operands[p.output()], at, at + p.window().pixels() * Float.BYTES, bias);
        }
    }

    private static void fill(MemorySegment y, long from, long to, float value) {
        y = NATIVE.cast(y);
        FloatVector v = FLOATS.cast(FloatVector.broadcast(F32, value));
        long i = from;
        for (; i <= to - VECTOR; i += VECTOR) {
            v.intoMemorySegment(y, i, ORDER);
        }
        for (; i < to; i += Float.BYTES) {
            y.set(SCALAR, i, value);
        }
    }

    private void add(
            MemorySegment[] operands, int plane, int first, int count, int b, VectorGemm g, MemorySegment scratch) {
        int window = b * block;
        int n = Math.min(block, windows - window);
        long x = ((long) plane * p.inputs() * windows + window) * Float.BYTES;
        VectorPanels.pack(operands[0], x, windows, false, p.inputs(), n, scratch, panelsAt);
        g.run(0, g.parts(), scratch, 0, p.inputs(), scratch, panelsAt, scratch, productAt, n, null, 0, false);
        for (int i = 0; i < count; i++) {
            long y = ((long) plane * p.outputs() + first + i) * p.window().pixels();
            for (int t = 0; t < taps; t++) {
                long product = productAt + ((long) i * taps + t) * n * Float.BYTES;
                spread(scratch, product, window, n, t, operands[p.output()], y);
            }
        }
    }

    /** Adds what one tap sees of some neighbouring windows. */
    private void spread(MemorySegment s, long product, int window, int n, int tap, MemorySegment y, long plane) {
        Window2d.Axis rows = p.window().rows();
        Window2d.Axis columns = p.window().columns();
        int width = columns.output();
        int column = tap % columns.kernel();
        int firstColumn = columns.firstWindow(column);
        int endColumn = columns.endWindow(column);
        int offset = tap / columns.kernel() * rows.dilation() - rows.padBegin();
        for (int done = 0; done < n; ) {
            int row = (window + done) / width;
            int from = (window + done) % width;
            int length = Math.min(n - done, width - from);
            int target = row * rows.stride() + offset;
            int begin = Math.max(from, firstColumn);
            int end = Math.min(from + length, endColumn);
            if (target >= 0 && target < rows.input() && begin < end) {
                long to = plane
                        + (long) target * columns.input()
                        + columns.start(begin)
                        + (long) column * columns.dilation();
                long at = product + (long) (done + begin - from) * Float.BYTES;
                addRow(s, at, end - begin, y, to * Float.BYTES, columns.stride());
            }
            done += length;
        }
    }

    private static void addRow(MemorySegment s, long from, int count, MemorySegment y, long to, int stride) {
        s = NATIVE.cast(s);
        y = NATIVE.cast(y);
        int j = 0;
        if (stride == 1) {
            for (; j <= count - LANES; j += LANES) {
                long at = (long) j * Float.BYTES;
                FLOATS.cast(FloatVector.fromMemorySegment(F32, y, to + at, ORDER))
                        .add(FloatVector.fromMemorySegment(F32, s, from + at, ORDER))
                        .intoMemorySegment(y, to + at, ORDER);
            }
        }
        for (; j < count; j++) {
            long at = to + (long) j * stride * Float.BYTES;
            y.set(SCALAR, at, y.get(SCALAR, at) + s.get(SCALAR, from + (long) j * Float.BYTES));
        }
    }
}
