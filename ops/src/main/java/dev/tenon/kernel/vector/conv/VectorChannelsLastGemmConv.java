package dev.tenon.kernel.vector.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.RowPacker;
import dev.tenon.kernel.vector.gemm.VectorGemm;
import java.lang.foreign.MemorySegment;

/**
 * Channels-last convolution of float32 images by {@link VectorGemm}, as the product of windows, {@code [windows,
 * terms]}, and weights, {@code [terms, outputs]}, which are packed in panels. A window of one pixel is a row of the
 * input; {@link Im2col} packs others, some rows at a time. Each element is summed as {@link VectorGemm} does. A weight
 * that is not finite turns padding into NaN.
 */
public final class VectorChannelsLastGemmConv implements Kernel {
    private final ChannelsLastConvProblem problem;
    private final Tiling tiling;
    private final ConvProblem p;
    private final VectorGemm gemm;
    private final TileEpilogue epilogue;

    private VectorChannelsLastGemmConv(ChannelsLastConvProblem problem, Tiling tiling) {
        this.problem = problem;
        this.tiling = tiling;
        p = problem.conv();
        int windows = Math.toIntExact(p.instances() * p.window().windows());
        RowPacker source = p.window().isIdentity() ? null : new Im2col(p.window(), p.inputChannels());
        gemm = new VectorGemm(windows, p.outputChannels(), (int) p.terms(), tiling, source);
        epilogue = TileEpilogue.withScratchAfter(AddClampEpilogue.of(p.epilogue(), problem), 0);
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution of one group, weights in panels
     * @param tiling chooses block sizes
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p, Tiling tiling) {
        return new VectorChannelsLastGemmConv(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "conv_f32_last_product_vector" + SimdSpecies.BITS);
    }

    @Override
    public String tiling() {
        return gemm.blocking().toString();
    }

    @Override
    public int parts() {
        return gemm.parts();
    }

    @Override
    public long partNanos() {
        return gemm.partNanos();
    }

    @Override
    public long scratchBytes() {
        return epilogue != null && epilogue.asStoreEpilogue() != null ? 0 : TileEpilogue.scratchBytes(epilogue, 0);
    }

    /** The first block of terms overwrites the result, and the last one reads the residual. */
    @Override
    public boolean inPlace(int input, int output) {
        return input == problem.residual()
                && p.epilogue() == null
                && gemm.blocking().kc() >= p.terms();
    }

    @Override
    public Kernel withOutputRowStride(int pitch) {
        ChannelsLastConvProblem part = problem.withPixelStride(pitch, SimdSpecies.LANES);
        return part == null ? null : new VectorChannelsLastGemmConv(part, tiling);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment bias = p.bias() < 0 ? null : operands[p.bias()];
        MemorySegment y = operands[p.output()];
        int pitch = problem.pixelStride();
        MemorySegment x = operands[0];
        gemm.run(from, to, x, 0, p.terms(), operands[1], 0, y, 0, pitch, bias, 0, false, epilogue, operands, scratch);
    }
}
