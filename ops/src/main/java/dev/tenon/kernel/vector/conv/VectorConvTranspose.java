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
 * Transposed convolution of float32 planes as a matrix product: the weights of some output channels, {@code [channels *
 * taps, inputs]}, times some input elements, {@code [inputs, elements]}. Each row of the product belongs to one tap and
 * is added to the output at that tap's position.
 *
 * <p>A part is some output channels of one group of one instance, so that no two parts write the same plane. Within a
 * part the input elements are processed in blocks, in order. After each block the epilogue works on the output rows
 * that no later block reaches.
 */
public final class VectorConvTranspose implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int COLUMNS = VectorPanels.COLUMNS;
    private static final long ALIGNMENT = 64;

    /**
     * The most bytes of a block's panels and of their product, unless one panel has more. Blocks are added one after
     * the other, so this constant decides the order of sums and is the same on all machines.
     */
    private static final long BLOCK_BYTES = 1 << 18;

    private static final int TARGET_PARTS = 8;
    private static final int MIN_ROWS = 24;

    private final ConvProblem p;
    private final int taps;
    private final int windows;
    private final int blockWindows;
    private final int blocks;
    private final int channels;
    private final int channelBlocks;
    private final VectorGemm[] gemms;
    private final long panelsOffset;
    private final long productOffset;
    private final TileEpilogue epilogue;

    private VectorConvTranspose(ConvProblem p, Tiling tiling) {
        this.p = p;
        taps = (int) p.window().taps();
        windows = (int) p.window().windows();
        int planes = Math.multiplyExact(p.instances(), p.groups());
        int wanted = Math.ceilDiv(TARGET_PARTS, Math.min(TARGET_PARTS, planes));
        int few = Math.max(Math.ceilDiv(p.outputChannels(), wanted), Math.ceilDiv(MIN_ROWS, taps));
        channels = Math.min(p.outputChannels(), few);
        channelBlocks = Math.ceilDiv(p.outputChannels(), channels);
        long panelBytes = Math.max(p.inputChannels(), (long) channels * taps) * COLUMNS * Float.BYTES;
        int panels = VectorPanels.panels(windows);
        int each = Math.clamp(BLOCK_BYTES / panelBytes, 1, panels);
        blockWindows = (int) Math.min(windows, (long) each * COLUMNS);
        blocks = Math.ceilDiv(windows, blockWindows);
        int lastChannels = p.outputChannels() - (channelBlocks - 1) * channels;
        int lastBlock = windows - (blocks - 1) * blockWindows;
        gemms = new VectorGemm[] {
            new VectorGemm(Math.multiplyExact(channels, taps), blockWindows, p.inputChannels(), tiling),
            new VectorGemm(channels * taps, lastBlock, p.inputChannels(), tiling),
            new VectorGemm(lastChannels * taps, blockWindows, p.inputChannels(), tiling),
            new VectorGemm(lastChannels * taps, lastBlock, p.inputChannels(), tiling)
        };
        panelsOffset = roundUp((long) channels * taps * p.inputChannels() * Float.BYTES);
        productOffset = panelsOffset + roundUp(VectorPanels.byteSize(p.inputChannels(), blockWindows));
        Math.multiplyExact(planes, channelBlocks);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), kernelScratchBytes());
    }

    /**
     * The kernel of a problem.
     *
     * @param p the forward convolution that this one transposes
     * @param tiling chooses block sizes
     * @return the kernel
     */
    public static Kernel of(ConvProblem p, Tiling tiling) {
        return new VectorConvTranspose(p, tiling);
    }

    private static long roundUp(long bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "convtranspose_f32_gemm_vector" + SimdSpecies.BITS);
    }

    @Override
    public String tiling() {
        return gemms[0].blocking().toString();
    }

    @Override
    public int parts() {
        return p.instances() * p.groups() * channelBlocks;
    }

    @Override
    public long partNanos() {
        long products = gemms[0].partNanos() * gemms[0].parts();
        return blocks
                * (products + (long) channels * taps * blockWindows + (long) p.inputChannels() * blockWindows / LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, kernelScratchBytes());
    }

    private long kernelScratchBytes() {
        return productOffset + roundUp((long) channels * taps * blockWindows * Float.BYTES);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int part = from; part < to; part++) {
            int plane = part / channelBlocks;
            int first = part % channelBlocks * channels;
            int count = Math.min(channels, p.outputChannels() - first);
            transpose(operands[1], plane % p.groups(), first, count, scratch);
            fillWithBias(operands, plane, first, count);
            int done = 0;
            for (int b = 0; b < blocks; b++) {
                int last = (count < channels ? 2 : 0) + (b == blocks - 1 ? 1 : 0);
                addBlock(operands, plane, first, count, b, gemms[last], scratch);
                int finished = finishedRows(b);
                if (epilogue != null && finished > done) {
                    applyEpilogue(operands, plane, first, count, done, finished, scratch);
                    done = finished;
                }
            }
        }
    }

    /** The number of output rows, from the first one on, that no window after a block reaches. */
    private int finishedRows(int b) {
        Window2d.Axis rows = p.window().rows();
        long next = (b + 1L) * blockWindows / p.window().columns().output();
        long reached = b == blocks - 1 ? rows.input() : next * rows.stride() - rows.padBegin();
        return Math.clamp(reached, 0, rows.input());
    }

    /** Applies the epilogue to some rows of some planes. */
    private void applyEpilogue(
            MemorySegment[] operands, int plane, int first, int count, int from, int to, MemorySegment scratch) {
        int width = p.window().columns().input();
        long pixels = p.window().pixels();
        long at = ((long) plane * p.outputChannels() + first) * pixels + (long) from * width;
        epilogue.apply(operands[p.output()], at * Float.BYTES, count, (to - from) * width, pixels, operands, scratch);
    }

    /** Copies the weights of some channels so that each tap of each channel is a row. */
    private void transpose(MemorySegment w, int group, int first, int count, MemorySegment scratch) {
        int inputs = p.inputChannels();
        for (int c = 0; c < inputs; c++) {
            long from = ((long) group * inputs + c) * p.outputChannels() * taps + (long) first * taps;
            for (int i = 0; i < count * taps; i++) {
                scratch.set(SCALAR, ((long) i * inputs + c) * Float.BYTES, w.get(SCALAR, (from + i) * Float.BYTES));
            }
        }
    }

    private void fillWithBias(MemorySegment[] operands, int plane, int first, int count) {
        for (int i = 0; i < count; i++) {
            long channel = (long) plane % p.groups() * p.outputChannels() + first + i;
            float bias = p.bias() < 0 ? 0 : operands[p.bias()].get(SCALAR, channel * Float.BYTES);
            long at =
                    ((long) plane * p.outputChannels() + first + i) * p.window().pixels() * Float.BYTES;
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

    private void addBlock(
            MemorySegment[] operands, int plane, int first, int count, int b, VectorGemm g, MemorySegment scratch) {
        int window = b * blockWindows;
        int n = Math.min(blockWindows, windows - window);
        long x = ((long) plane * p.inputChannels() * windows + window) * Float.BYTES;
        VectorPanels.pack(operands[0], x, windows, p.inputChannels(), n, scratch, panelsOffset);
        g.run(
                0,
                g.parts(),
                scratch,
                0,
                p.inputChannels(),
                scratch,
                panelsOffset,
                scratch,
                productOffset,
                n,
                null,
                0,
                false);
        for (int i = 0; i < count; i++) {
            long y =
                    ((long) plane * p.outputChannels() + first + i) * p.window().pixels();
            for (int t = 0; t < taps; t++) {
                long product = productOffset + ((long) i * taps + t) * n * Float.BYTES;
                addTap(scratch, product, window, n, t, operands[p.output()], y);
            }
        }
    }

    /** Adds the contributions of one tap of some neighbouring windows. */
    private void addTap(MemorySegment s, long product, int window, int n, int tap, MemorySegment y, long plane) {
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
