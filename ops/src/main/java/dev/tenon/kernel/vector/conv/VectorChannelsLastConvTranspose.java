package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.gemm.NarrowTile;
import dev.tenon.kernel.vector.gemm.TileRows;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Channels-last transposed convolution of float32 images whose windows do not overlap. Each block of neighbouring input
 * pixels, {@code [pixels, inputs]}, is multiplied with all weights, {@code [inputs, rows * columns * outputs]}, which
 * are packed in panels. Each row of each window is then copied to its row of the output, where the epilogue works on
 * it. Each element is summed in blocks of terms, each block one chain of fused multiply-adds; the first block is added
 * to the bias.
 *
 * <p>A part is a block of input pixels.
 */
public final class VectorChannelsLastConvTranspose implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final int ROWS = GemmTile.ROWS;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfLong PAIR = ValueLayout.JAVA_LONG_UNALIGNED;

    /** Roughly the elements of the product of a block, which stay in the second-level cache. */
    private static final int BLOCK_ELEMENTS = 1 << 15;

    /** The rows of scratch memory before the product: the bias and zeros. */
    private static final int HEADER_ROWS = 2;

    private static final float NO_LOWER = Float.NEGATIVE_INFINITY;
    private static final float NO_UPPER = Float.POSITIVE_INFINITY;

    private static final int MIN_TILES = 4;
    private static final int MAX_TILES = 42;

    private final ConvProblem p;
    private final Im2col packer;
    private final int width;
    private final int productColumns;

    /** Elements from a row of the product to the next: whole vectors. */
    private final int productPitch;

    private final int blockDepth;
    private final RowPartition partition;
    private final TileEpilogue epilogue;

    private VectorChannelsLastConvTranspose(ConvProblem p) {
        this.p = p;
        width = p.window().columns().output();
        productColumns = Math.toIntExact(p.window().taps() * p.outputChannels());
        productPitch = Math.ceilDiv(productColumns, LANES) * LANES;
        blockDepth = Math.ceilDiv(p.inputChannels(), Math.ceilDiv(p.inputChannels(), GemmTile.DEPTH));
        int elements = Math.toIntExact(p.instances() * p.window().windows());
        Window2d.Axis all = new Window2d.Axis(elements, 1, elements, 1, 1, 0, 0);
        packer = new Im2col(new Window2d(new Window2d.Axis(1, 1, 1, 1, 1, 0, 0), all), p.inputChannels());
        partition = new RowPartition(
                elements, (long) Math.clamp(BLOCK_ELEMENTS / productPitch / ROWS, MIN_TILES, MAX_TILES) * ROWS);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), kernelScratchBytes());
    }

    /**
     * The kernel of a problem.
     *
     * @param p the forward convolution that this one transposes: one group, windows that do not overlap
     * @return the kernel
     */
    public static Kernel of(ConvProblem p) {
        return new VectorChannelsLastConvTranspose(p);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "convtranspose_f32_last_vector" + SimdSpecies.BITS);
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1
                + partition.maxPartRows()
                        * (p.inputChannels() * (productPitch + (long) LANES) / 3 + productColumns)
                        / LANES;
    }

    /** Rows of whole vectors: the bias of each column of the product, zeros, and the product of a block. */
    private long kernelScratchBytes() {
        return (HEADER_ROWS + partition.maxPartRows()) * productPitch * Float.BYTES;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, kernelScratchBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemoryMoves.clear(scratch, 0, (long) HEADER_ROWS * productPitch * Float.BYTES);
        for (int j = 0; j < productColumns && p.bias() >= 0; j++) {
            float start = operands[p.bias()].get(SCALAR, (long) (j % p.outputChannels()) * Float.BYTES);
            scratch.set(SCALAR, (long) j * Float.BYTES, start);
        }
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                multiply(operands, (int) partition.start(part), (int) partition.start(part + 1), scratch, arrays);
                scatter(operands, scratch, partition.start(part), partition.start(part + 1));
            }
        } finally {
            arrays.give();
        }
    }

    private void multiply(MemorySegment[] operands, int from, int to, MemorySegment scratch, GemmScratch g) {
        for (int row = from; row < to; row += ROWS) {
            int rows = Math.min(ROWS, to - row);
            long at = (long) (HEADER_ROWS + row - from) * productPitch * Float.BYTES;
            for (int k = 0; k < p.inputChannels(); k += blockDepth) {
                int terms = Math.min(blockDepth, p.inputChannels() - k);
                packer.packRows(operands[0], row, rows, k, terms, g.rows);
                for (int j = 0; j < productColumns; j += COLUMNS) {
                    int columns = Math.min(COLUMNS, productColumns - j);
                    long weights = VectorPanels.offset(p.inputChannels(), j / COLUMNS, k);
                    long shift = (long) j * Float.BYTES;
                    NarrowTile.multiply(columns, rows, g.rows, operands[1], weights, terms, g.tile);
                    addTile(g.tile, rows, columns, scratch, shift, k == 0, at + shift);
                }
            }
        }
    }

    /** Adds a tile to the bias, or to the product of earlier terms. */
    private void addTile(float[] tile, int rows, int columns, MemorySegment s, long shift, boolean isFirst, long at) {
        long step = (long) productPitch * Float.BYTES;
        for (int j = 0; j < columns; j += LANES) {
            long to = at + (long) j * Float.BYTES;
            if (isFirst) {
                TileRows.put(tile, j, rows, s, shift + (long) j * Float.BYTES, s, to, step);
            } else {
                TileRows.putSum(tile, j, rows, s, step, s, NO_LOWER, NO_UPPER, s, to, step);
            }
        }
    }

    /** Copies the windows of some pixels to the output, those of one input row at a time. */
    private void scatter(MemorySegment[] operands, MemorySegment scratch, long from, long to) {
        MemorySegment y = operands[p.output()];
        int rows = p.window().rows().kernel();
        int length = productColumns / rows;
        for (long element = from; element < to; ) {
            long line = element / width;
            int column = (int) (element - line * width);
            int count = (int) Math.min(to - element, width - column);
            for (int row = 0; row < rows; row++) {
                long product = ((HEADER_ROWS + element - from) * productPitch + (long) row * length) * Float.BYTES;
                long target = (((line * rows + row) * width + column) * length) * Float.BYTES;
                copy(scratch, product, productPitch, y, target, length, count);
                if (epilogue != null) {
                    epilogue.apply(y, target, 1, count * length, (long) count * length, operands, scratch);
                }
            }
            element += count;
        }
    }

    /** Copies pieces with a stride to consecutive memory. */
    private static void copy(
            MemorySegment s, long from, int distance, MemorySegment y, long to, int length, int count) {
        long step = (long) distance * Float.BYTES;
        long bytes = (long) length * Float.BYTES;
        if (length % LANES == 0) {
            for (int i = 0; i < count; i++) {
                copyVectors(s, from + i * step, y, to + i * bytes, length);
            }
        } else if (length == 2) {
            for (int i = 0; i < count; i++) {
                y.set(PAIR, to + i * bytes, s.get(PAIR, from + i * step));
            }
        } else {
            for (int i = 0; i < count; i++) {
                copyPairs(s, from + i * step, y, to + i * bytes, length);
            }
        }
    }

    private static void copyVectors(MemorySegment s, long from, MemorySegment y, long to, int length) {
        s = NATIVE.cast(s);
        y = NATIVE.cast(y);
        for (int j = 0; j < length; j += LANES) {
            long at = (long) j * Float.BYTES;
            FLOATS.cast(FloatVector.fromMemorySegment(F32, s, from + at, ORDER)).intoMemorySegment(y, to + at, ORDER);
        }
    }

    private static void copyPairs(MemorySegment s, long from, MemorySegment y, long to, int length) {
        int j = 0;
        for (; j < length - 1; j += 2) {
            long at = (long) j * Float.BYTES;
            y.set(PAIR, to + at, s.get(PAIR, from + at));
        }
        if (j < length) {
            long at = (long) j * Float.BYTES;
            y.set(SCALAR, to + at, s.get(SCALAR, from + at));
        }
    }
}
