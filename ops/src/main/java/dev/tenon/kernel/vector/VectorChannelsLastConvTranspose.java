package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.Floats.F32;

import dev.tenon.kernel.ConvProblem;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowParts;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Transposed convolution of float32 planes whose channels lie last and whose windows lie side by side on the output: the
 * product of some neighbouring elements of the input, {@code [elements, inputs]}, with all weights,
 * {@code [inputs, rows * columns * outputs]}, which are packed in panels. Each row of each window then moves to its line of
 * the output, where the epilogue works on it. Each element is summed as {@link VectorGemm} has it.
 *
 * <p>A part is a block of elements of the input.
 */
public final class VectorChannelsLastConvTranspose implements Kernel {
    private static final int LANES = VectorShape.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfLong PAIR = ValueLayout.JAVA_LONG_UNALIGNED;

    /** Elements of the product of a block, about: they stay in the second-level cache. */
    private static final int BLOCK = 1 << 15;

    private static final int LEAST_TILES = 4;
    private static final int MOST_TILES = 42;
    private static final long ALIGNMENT = 64;

    private final ConvProblem p;
    private final int width;
    private final int n;
    private final RowParts split;
    private final VectorGemm gemm;
    private final VectorGemm lastGemm;
    private final long productAt;
    private final TileEpilogue epilogue;

    private VectorChannelsLastConvTranspose(ConvProblem p, Tiling tiling) {
        this.p = p;
        width = p.window().columns().output();
        n = Math.toIntExact(p.window().taps() * p.outputs());
        long elements = p.instances() * p.window().windows();
        int block = Math.clamp(BLOCK / n / GemmTile.ROWS, LEAST_TILES, MOST_TILES) * GemmTile.ROWS;
        split = new RowParts(elements, block);
        int rows = (int) Math.min(block, elements);
        gemm = new VectorGemm(rows, n, p.inputs(), tiling);
        lastGemm = new VectorGemm((int) (elements - split.start(split.parts() - 1)), n, p.inputs(), tiling);
        productAt = p.bias() < 0 ? 0 : Math.ceilDiv(n * (long) Float.BYTES, ALIGNMENT) * ALIGNMENT;
        epilogue = TileEpilogue.behind(p.epilogue(), ownBytes());
    }

    /**
     * A kernel.
     *
     * @param p the convolution that this is the adjoint of, of one group, its windows side by side
     * @param tiling the sizes of blocks
     * @return the kernel
     */
    public static Kernel of(ConvProblem p, Tiling tiling) {
        return new VectorChannelsLastConvTranspose(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "convtranspose_f32_last_vector" + VectorShape.BITS);
    }

    @Override
    public String tiling() {
        return gemm.blocking().toString();
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return gemm.parts() * gemm.partNanos() + split.most() * n / LANES;
    }

    /** The bias of each column of the product, and the product of a block. */
    private long ownBytes() {
        return productAt + split.most() * n * Float.BYTES;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int j = 0; j < n && p.bias() >= 0; j++) {
            float start = operands[p.bias()].get(SCALAR, (long) (j % p.outputs()) * Float.BYTES);
            scratch.set(SCALAR, (long) j * Float.BYTES, start);
        }
        int k = p.inputs();
        for (int part = from; part < to; part++) {
            long first = split.start(part);
            VectorGemm g = part == split.parts() - 1 ? lastGemm : gemm;
            long x = first * k * Float.BYTES;
            boolean biased = p.bias() >= 0;
            if (biased) {
                repeat(scratch, split.start(part + 1) - first);
            }
            g.run(0, g.parts(), operands[0], x, k, operands[1], 0, scratch, productAt, n, null, 0, biased);
            spread(operands, scratch, first, split.start(part + 1));
        }
    }

    /** Lets rows of the product start from the bias: as many as are written already at a time. */
    private void repeat(MemorySegment scratch, long rows) {
        long row = n * (long) Float.BYTES;
        MemorySegment.copy(scratch, 0, scratch, productAt, row);
        for (long done = 1; done < rows; done *= 2) {
            long more = Math.min(done, rows - done);
            MemorySegment.copy(scratch, productAt, scratch, productAt + done * row, more * row);
        }
    }

    /** Moves the windows of some elements to their places, those of a line of the input at a time. */
    private void spread(MemorySegment[] operands, MemorySegment scratch, long from, long to) {
        MemorySegment y = operands[p.output()];
        int rows = p.window().rows().kernel();
        int length = n / rows;
        for (long element = from; element < to; ) {
            long line = element / width;
            int column = (int) (element - line * width);
            int count = (int) Math.min(to - element, width - column);
            for (int row = 0; row < rows; row++) {
                long product = productAt + ((element - from) * n + (long) row * length) * Float.BYTES;
                long target = (((line * rows + row) * width + column) * length) * Float.BYTES;
                copy(scratch, product, n, y, target, length, count);
                if (epilogue != null) {
                    epilogue.apply(y, target, 1, count * length, (long) count * length, operands, scratch);
                }
            }
            element += count;
        }
    }

    /** Copies pieces that lie apart to where they lie one behind the other. */
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
        for (int j = 0; j < length; j += LANES) {
            long at = (long) j * Float.BYTES;
            FloatVector.fromMemorySegment(F32, s, from + at, ORDER).intoMemorySegment(y, to + at, ORDER);
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
