package dev.tenon.kernel.vector.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.VectorGemm;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Channels-last transposed convolution of float32 images whose windows do not overlap. Each block of neighbouring input
 * pixels, {@code [pixels, inputs]}, is multiplied with all weights, {@code [inputs, rows * columns * outputs]}, by {@link
 * VectorGemm}; sums start from the bias. Each row of each window is then copied to its row of the output, where the epilogue
 * works on it.
 *
 * <p>A part is a block of input pixels.
 */
public final class VectorChannelsLastConvTranspose implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    /** Roughly the elements of the product of a block, which stay in the second-level cache. */
    private static final int BLOCK_ELEMENTS = 1 << 15;

    private static final int MIN_PIXELS = 48;
    private static final int MAX_PIXELS = 504;

    private final ConvProblem p;
    private final int width;
    private final int productColumns;

    /** Elements from a row of the product to the next: whole vectors. */
    private final int productPitch;

    private final RowPartition partition;
    private final VectorGemm gemm;
    private final VectorGemm lastGemm;
    private final TileEpilogue epilogue;

    private VectorChannelsLastConvTranspose(ConvProblem p, Tiling tiling) {
        this.p = p;
        width = p.window().columns().output();
        productColumns = Math.toIntExact(p.window().taps() * p.outputChannels());
        productPitch = Math.ceilDiv(productColumns, LANES) * LANES;
        int pixels = Math.toIntExact(p.instances() * p.window().windows());
        int block = Math.min(pixels, Math.clamp(BLOCK_ELEMENTS / productPitch, MIN_PIXELS, MAX_PIXELS));
        partition = new RowPartition(pixels, block);
        gemm = new VectorGemm(block, productColumns, p.inputChannels(), tiling);
        int last = pixels - (partition.parts() - 1) * block;
        lastGemm = new VectorGemm(last, productColumns, p.inputChannels(), tiling);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), kernelScratchBytes());
    }

    /**
     * The kernel of a problem.
     *
     * @param p the forward convolution that this one transposes: one group, windows that do not overlap
     * @param tiling chooses block sizes
     * @return the kernel
     */
    public static Kernel of(ConvProblem p, Tiling tiling) {
        return new VectorChannelsLastConvTranspose(p, tiling);
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
        return gemm.partNanos() * gemm.parts() + partition.maxPartRows() * productColumns / LANES;
    }

    /** The bias of each column of the product, and the product of a block. */
    private long kernelScratchBytes() {
        return (1 + partition.maxPartRows()) * productPitch * Float.BYTES;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, kernelScratchBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemoryMoves.clear(scratch, 0, (long) productPitch * Float.BYTES);
        for (int j = 0; j < productColumns && p.bias() >= 0; j++) {
            float start = operands[p.bias()].get(SCALAR, (long) (j % p.outputChannels()) * Float.BYTES);
            scratch.set(SCALAR, (long) j * Float.BYTES, start);
        }
        for (int part = from; part < to; part++) {
            VectorGemm g = part == partition.parts() - 1 ? lastGemm : gemm;
            long pixels = partition.start(part) * p.inputChannels() * Float.BYTES;
            g.run(
                    0,
                    g.parts(),
                    operands[0],
                    pixels,
                    p.inputChannels(),
                    operands[1],
                    0,
                    scratch,
                    (long) productPitch * Float.BYTES,
                    productPitch,
                    scratch,
                    0,
                    false);
            scatter(operands, scratch, partition.start(part), partition.start(part + 1));
        }
    }

    /** Copies the windows of some pixels to the output, those of one input row at a time. */
    private void scatter(MemorySegment[] operands, MemorySegment scratch, long from, long to) {
        MemorySegment y = operands[p.output()];
        int rows = p.window().rows().kernel();
        int length = productColumns / rows;
        long bytes = (long) length * Float.BYTES;
        for (long element = from; element < to; ) {
            long line = element / width;
            int column = (int) (element - line * width);
            int count = (int) Math.min(to - element, width - column);
            for (int row = 0; row < rows; row++) {
                long product = ((1 + element - from) * productPitch + (long) row * length) * Float.BYTES;
                long target = ((line * rows + row) * width + column) * bytes;
                for (int i = 0; i < count; i++) {
                    long at = product + (long) i * productPitch * Float.BYTES;
                    MemoryMoves.copy(scratch, at, y, target + i * bytes, bytes);
                }
                if (epilogue != null) {
                    epilogue.apply(y, target, 1, count * length, (long) count * length, operands, scratch);
                }
            }
            element += count;
        }
    }
}
